import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
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
  ["an address without a port", { clusters: [{ ...cluster, agents: ["10.0.0.11"] }] }, "clusters.0.agents.0"],
  ["a port that agents do not take", { clusters: [{ ...cluster, agents: ["10.0.0.11:1024"] }] }, "clusters.0.agents.0"],
  ["an unknown environment", { clusters: [{ ...cluster, environment: "prod" }] }, "clusters.0.environment"],
  ["two places for the password", { clusters: [{ ...cluster, passwordEnv: "P" }] }, "clusters.0.passwordFile"],
  ["a cluster twice", { clusters: [cluster, cluster] }, "same id"],
  ["a missing password file", { clusters: [{ ...cluster, passwordFile: "nowhere" }] }, "clusters.0.passwordFile"],
  ["a public address without https", { url: "http://console.example" }, "https://"],
  ["a public address with a path", { url: "https://console.example/standdown" }, "only the origin"],
  ["a proxy that is no address", { trustedProxies: ["proxy.example"] }, "trustedProxies.0"],
  ["a proxy range that is none", { trustedProxies: ["10.0.0.0/33"] }, "trustedProxies.0"],
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

test("only the default file may be missing", () => {
  expect(readConfig("/nowhere/standdown.config.json", {}, true)).toMatchObject({ url: null, clusters: [] });
});

test("a file that is no JSON, or is not there, is named", () => {
  expect(() => readConfig(write("{"))).toThrow("is not JSON");
  expect(() => readConfig("/nowhere/standdown.config.json")).toThrow("cannot read /nowhere/standdown.config.json");
});
