import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createKey, masterKey, parseKey, writeKeyFile } from "./seal";

const disk = vi.hoisted(() => ({ isFull: false, synced: 0 }));
vi.mock("node:fs", async (load) => {
  const real = await load<typeof import("node:fs")>();
  return {
    ...real,
    writeSync: (handle: number, text: string) => {
      if (!disk.isFull) return real.writeSync(handle, text);
      real.writeSync(handle, text.slice(0, 10));
      throw new Error("ENOSPC");
    },
    fsyncSync: (handle: number) => {
      disk.synced += 1;
      real.fsyncSync(handle);
    },
  };
});

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "standdown-key-"));
  Object.assign(disk, { isFull: false, synced: 0 });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test("a key file has its name when it is whole and on the disk, and is for this account alone", () => {
  const [file, key] = [join(folder, "standdown.key"), createKey()];
  writeKeyFile(file, key);
  expect(parseKey(readFileSync(file, "utf8"), file).equals(key)).toBe(true);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readdirSync(folder)).toEqual(["standdown.key"]);
  expect(disk.synced).toBe(2); // the file, and the folder that names it
});

test("one that could not be written whole is not there, and nothing of it is left", () => {
  const file = join(folder, "standdown.key");
  disk.isFull = true;
  expect(() => writeKeyFile(file, createKey())).toThrow("ENOSPC");
  expect(existsSync(file)).toBe(false);
  expect(readdirSync(folder)).toEqual([]);
  disk.isFull = false;
  writeKeyFile(file, createKey());
});

test("the key that is there stays", () => {
  const [file, key] = [join(folder, "standdown.key"), createKey()];
  writeKeyFile(file, key);
  expect(() => writeKeyFile(file, createKey())).toThrow("EEXIST");
  expect(parseKey(readFileSync(file, "utf8"), file).equals(key)).toBe(true);
  expect(readdirSync(folder)).toEqual(["standdown.key"]);
});

test.each<[string, (text: string) => string | Buffer]>([
  ["with a mark in UTF-8", (text) => `\uFEFF${text}\r\n`],
  ["in UTF-16", (text) => Buffer.from(`\uFEFF${text}\r\n`, "utf16le")],
])("a key file that was written by hand %s is the key", (_how, written) => {
  const key = createKey();
  mkdirSync(join(folder, "data"));
  writeFileSync(join(folder, "data", "standdown.key"), written(key.toString("base64")), { mode: 0o600 });
  writeFileSync(join(folder, "config.json"), JSON.stringify({ dataDir: "data" }));
  vi.stubEnv("STANDDOWN_CONFIG", join(folder, "config.json"));
  vi.stubEnv("STANDDOWN_KEY", "");
  Reflect.deleteProperty(globalThis, "__standdown");
  expect(masterKey().equals(key)).toBe(true);
  vi.stubEnv("STANDDOWN_KEY", `\uFEFF${key.toString("base64")}\r\n`);
  Reflect.deleteProperty(globalThis, "__standdown");
  expect(masterKey().equals(key)).toBe(true);
  vi.unstubAllEnvs();
  Reflect.deleteProperty(globalThis, "__standdown");
});
