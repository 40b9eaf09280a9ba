import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { SCENARIOS, VERSIONS } from "./cluster";
import { BadOption, readOptions } from "./options";

test("options have defaults and are read by name", () => {
  expect(readOptions([])).toEqual({ scenario: "medium", basePort: 0, timeScale: 1, json: false });
  const args = ["--scenario", "huge", "--base-port", "30000", "--time-scale", "10", "--version", "4.4.1.0", "--json"];
  const more = ["--ips", "127.0.0.2,::1", "--zones", "zone a,可用区", "--tenants", "201"];
  expect(readOptions([...args, "--password", "", "--cluster-name", "pay", ...more])).toEqual({
    scenario: "huge",
    basePort: 30_000,
    timeScale: 10,
    version: "4.4.1.0",
    json: true,
    password: "",
    clusterName: "pay",
    ips: ["127.0.0.2", "::1"],
    zoneNames: ["zone a", "可用区"],
    tenants: 201,
  });
});

test.each([
  [["--scenario", "tiny"], /--scenario is "tiny"; it takes one of: small, medium/],
  [["--version", "4.9"], /--version is "4.9"; it takes one of: 4.2.3.0/],
  [["--time-scale", "0"], /--time-scale is "0"; it takes a number above 0/],
  [["--base-port", "80"], /--base-port is "80"; it takes 0/],
  [["--ips", "127.0.0.2,10.0.0.1"], /--ips has "10.0.0.1"; it takes addresses of this machine itself/],
  [["--tenants", "many"], /--tenants is "many"; it takes a whole number/],
  [["--colour"], /Unknown option '--colour'\n {2}→ npm run simulator[^]*--json/],
  [["tiny"], /Unexpected argument 'tiny'/],
])("a bad option says which one it is and what it takes: %s", (args, message) => {
  expect(() => readOptions(args)).toThrow(BadOption);
  expect(() => readOptions(args)).toThrow(message);
});

const program = fileURLToPath(new URL("main.ts", import.meta.url));
const start = (...args: string[]) => spawn(process.execPath, ["--import", "tsx", program, ...args]);

test("the program prints one line, can be controlled, and ends with 0 when told to", async () => {
  const child = start("--scenario", "small", "--json");
  const [line] = (await once(child.stdout, "data")) as [Buffer];
  const told = JSON.parse(line.toString()) as { cluster: string; agents: { address: string }[]; control: string };
  expect(told.cluster).toBe("demo-small");
  const [first] = told.agents;
  const body = JSON.stringify({ address: first?.address, state: "process-stopped" });
  expect((await fetch(`${told.control}/observers`, { method: "POST", body })).status).toBe(200);
  const status = await fetch(`http://${first?.address}/api/v1/status`);
  expect(await status.json()).toMatchObject({ data: { obState: 0 } });
  const bad = await fetch(`${told.control}/faults`, {
    method: "POST",
    body: '{"address":"*","fault":{"kind":"rain"}}',
  });
  expect(bad.status).toBe(400);
  const moment = { stage: "wait", faults: [{ address: first?.address, fault: { kind: "agent-restart" } }] };
  const wished = await fetch(`${told.control}/moments`, { method: "POST", body: JSON.stringify(moment) });
  expect(wished.status).toBe(200);
  child.kill("SIGTERM");
  expect(await once(child, "exit")).toEqual([0, null]);
});

async function toItsEnd(...args: string[]) {
  const child = start(...args);
  let out = "";
  let err = "";
  child.stdout.on("data", (text: Buffer) => (out += text.toString()));
  child.stderr.on("data", (text: Buffer) => (err += text.toString()));
  const [code] = (await once(child, "close")) as [number | null];
  return { code, out, err };
}

test("a port in use is named with what to do about it, and no stack", async () => {
  const holder = createServer().listen(0, "127.0.0.1");
  await once(holder, "listening");
  const { port } = holder.address() as AddressInfo; // a listening TCP server has one
  const { code, out, err } = await toItsEnd("--scenario", "small", "--base-port", String(port));
  holder.close();
  expect(err).toBe(
    `\n✗ Port ${port} on 127.0.0.1 is already in use.\n  → Choose another --base-port (and --ips), or leave it out to take any free ports.\n`,
  );
  expect([out, code]).toEqual(["", 1]);
});

test("ports beyond the last one are refused in words", async () => {
  const { code, err } = await toItsEnd("--scenario", "small", "--base-port", "65534");
  expect(err).toMatch(/^\n✗ There is no port 65536: the highest is 65535.\n {2}→ Choose another --base-port/);
  expect(code).toBe(1);
});

test.each(["--help", "-h"])(
  "%s lists every scenario and version, and starts nothing",
  { timeout: 20_000 },
  async (help) => {
    const { code, out, err } = await toItsEnd(help, "--scenario", "tiny");
    for (const name of [...SCENARIOS, ...VERSIONS]) expect(out).toContain(name);
    expect([err, code]).toEqual(["", 0]);
  },
);

test.each(["SIGINT", "SIGHUP"] as const)(
  "it ends with 0 also when told so twice by %s",
  { timeout: 20_000 },
  async (signal) => {
    const child = start("--scenario", "small", "--json");
    await once(child.stdout, "data");
    child.kill(signal);
    child.kill(signal);
    expect(await once(child, "exit")).toEqual([0, null]);
  },
);

test("the program ends with 2 when an option is bad", async () => {
  expect(await once(start("--scenario", "tiny"), "exit")).toEqual([2, null]);
});
