import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { ConfigError, readConfig } from "./config";

function write(config: unknown): string {
  const folder = mkdtempSync(join(tmpdir(), "standdown-config-"));
  writeFileSync(join(folder, "password"), "Pässwörd 1\n");
  const file = join(folder, "standdown.config.json");
  writeFileSync(file, typeof config === "string" ? config : JSON.stringify(config));
  return file;
}
const cluster = { id: "core", agents: ["10.0.0.11:2886"], passwordFile: "password" };

test("a password file is read beside the configuration, without its last line break", () => {
  const [read] = readConfig(write({ clusters: [cluster] })).clusters;
  expect(read).toMatchObject({
    id: "core",
    name: "core",
    environment: "UNLABELLED",
    password: "Pässwörd 1",
    tls: null,
  });
});

test("a password can come from a variable, also an empty one", () => {
  const file = write({ clusters: [{ id: "core", agents: ["[fd00::11]:2886"], passwordEnv: "CORE_PASSWORD" }] });
  expect(readConfig(file, { CORE_PASSWORD: "" }).clusters[0]?.password).toBe("");
  expect(() => readConfig(file, {})).toThrow("clusters.0.passwordEnv: the variable CORE_PASSWORD is not set");
});

test.each([
  ["a key that nobody knows", { clusters: [{ ...cluster, pasword: "x" }] }, "pasword"],
  ["a host name", { clusters: [{ ...cluster, agents: ["ob-host-1:2886"] }] }, "clusters.0.agents.0"],
  ["an address with a zone id", { clusters: [{ ...cluster, agents: ["[fe80::1%eth0]:2886"] }] }, "clusters.0.agents.0"],
  ["a port that agents do not take", { clusters: [{ ...cluster, agents: ["10.0.0.11:1024"] }] }, "clusters.0.agents.0"],
  ["an unknown environment", { clusters: [{ ...cluster, environment: "prod" }] }, "clusters.0.environment"],
  ["two places for the password", { clusters: [{ ...cluster, passwordEnv: "P" }] }, "clusters.0.passwordFile"],
  ["a cluster twice", { clusters: [cluster, cluster] }, "same id"],
  ["a missing password file", { clusters: [{ ...cluster, passwordFile: "nowhere" }] }, "clusters.0.passwordFile"],
  ["a public address without https", { url: "http://console.example" }, "https://"],
  ["a public address with a path", { url: "https://console.example/standdown" }, "only the origin"],
  ["a proxy that is no address", { trustedProxies: ["proxy.example"] }, "trustedProxies.0"],
  ["a proxy range that is none", { trustedProxies: ["10.0.0.0/33"] }, "trustedProxies.0"],
  ["a proxy range of an IPv4 address in an IPv6 one", { trustedProxies: ["::ffff:10.0.0.0/95"] }, "trustedProxies.0"],
  ["a proxy with a zone id", { trustedProxies: ["fe80::1%eth0"] }, "trustedProxies.0"],
  [
    "half a client certificate",
    { clusters: [{ ...cluster, tls: { ca: "password", cert: "password" } }] },
    "clusters.0.tls",
  ],
])("%s stops the start and is named", (_what, config, named) => {
  expect(() => readConfig(write(config))).toThrow(ConfigError);
  expect(() => readConfig(write(config))).toThrow(named);
});

test("the public address is an origin, and clusters may all be registered in the browser", () => {
  const read = readConfig(write({ url: "https://console.example/", trustedProxies: ["10.0.0.0/8", "fd00::7"] }));
  expect(read).toMatchObject({ url: "https://console.example", clusters: [] });
});

test("agents are read as the form reads them: any writing, the usual port, each once", () => {
  const agents = ["10.0.0.11", "[::ffff:10.0.0.11]:2886", "FD00::0:12", "http://10.0.0.13:20000/"];
  const [read] = readConfig(write({ clusters: [{ ...cluster, agents }] })).clusters;
  expect(read?.agents).toEqual(["10.0.0.11:2886", "[fd00::12]:2886", "10.0.0.13:20000"]);
});

test("a proxy is known by the address that its connections have", () => {
  const typed = ["::ffff:10.0.0.5", "::ffff:10.1.0.0/112", "FD00:0::7", " 10.2.0.0/16 "];
  expect(readConfig(write({ trustedProxies: typed })).trustedProxies).toEqual([
    ...["10.0.0.5", "10.1.0.0/16", "fd00::7", "10.2.0.0/16"],
  ]);
});

describe("files as Windows writes them", () => {
  const utf16 = (text: string, isBig: boolean) => {
    const bytes = Buffer.from(`\uFEFF${text}`, "utf16le");
    return isBig ? bytes.swap16() : bytes;
  };
  test.each<[string, (text: string) => string | Buffer]>([
    ["with a mark in UTF-8", (text) => `\uFEFF${text}\r\n`],
    ["in UTF-16", (text) => utf16(`${text}\r\n`, false)],
    ["in UTF-16 the other way round", (text) => utf16(`${text}\n`, true)],
    ["with several line ends", (text) => `${text}\r\n\r\n`],
    ["with a line end of old", (text) => `${text}\r`],
  ])("%s hold what is meant: passwords, secrets, PEM and the configuration itself", (_how, written) => {
    const folder = mkdtempSync(join(tmpdir(), "standdown-config-"));
    const put = (name: string, text: string) => writeFileSync(join(folder, name), written(text));
    for (const [name, text] of [
      ["password", " Pässwörd 1 "],
      ["secret", "s3cret"],
      ["ca.pem", "-----BEGIN CERTIFICATE-----"],
    ] as const)
      put(name, text);
    const oidc = { id: "corp", issuer: "https://id.example", clientId: "c", clientSecretFile: "secret" };
    const core = { ...cluster, tls: { ca: "ca.pem" } };
    put("standdown.config.json", JSON.stringify({ clusters: [core], signIn: { oidc: [oidc] } }));
    const read = readConfig(join(folder, "standdown.config.json"));
    expect(read.clusters[0]).toMatchObject({
      password: " Pässwörd 1 ",
      tls: { ca: expect.stringMatching(/^-----BEGIN/) as string },
    });
    expect(read.signIn.oidc[0]?.clientSecret).toBe("s3cret");
  });
});

test("a variable that was filled from a file holds no line end", () => {
  const oidc = { id: "corp", issuer: "https://id.example", clientId: "c", clientSecretEnv: "SECRET" };
  const file = write({ clusters: [{ id: "core", agents: ["10.0.0.11"], passwordEnv: "P" }], signIn: { oidc: [oidc] } });
  const read = readConfig(file, { P: "\uFEFFpass word\r\n", SECRET: "s3cret\n" });
  expect([read.clusters[0]?.password, read.signIn.oidc[0]?.clientSecret]).toEqual(["pass word", "s3cret"]);
});

test("only the default file may be missing", () => {
  expect(readConfig("/nowhere/standdown.config.json", {}, true)).toMatchObject({ url: null, clusters: [] });
});

test("a file that is no JSON, or is not there, is named", () => {
  expect(() => readConfig(write("{"))).toThrow("is not JSON");
  expect(() => readConfig("/nowhere/standdown.config.json")).toThrow("cannot read /nowhere/standdown.config.json");
});
