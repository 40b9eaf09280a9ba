import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createKey, parseKey, writeKeyFile } from "./seal";

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
