import { spawnSync } from "node:child_process";
import { closeSync, existsSync, openSync, rmSync, statSync, writeSync } from "node:fs";
import { join } from "node:path";

const PAGE = Buffer.alloc(4_096);
const FILLER = "filler";

/** Puts a small disk of its own under a folder. False where this account or system may not. */
export function mountSmall(folder: string, megabytes: number): boolean {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return false;
  const { status } = spawnSync("mount", ["-t", "tmpfs", "-o", `size=${megabytes}m`, "tmpfs", folder]);
  if (status !== 0) return false;
  process.once("exit", () => unmount(folder));
  return true;
}

export const unmount = (folder: string): void => void spawnSync("umount", ["-l", folder]);

/** Leaves no page of the folder's disk free. */
export function fill(folder: string): void {
  const file = openSync(join(folder, FILLER), "w", 0o666);
  try {
    for (;;) writeSync(file, PAGE);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ENOSPC")) throw error;
  } finally {
    closeSync(file);
  }
}

export const makeRoom = (folder: string): void => rmSync(join(folder, FILLER), { force: true });

/** How long the store's longest file is: beyond it nothing can be added once that is the limit. */
export const longestFile = (dataDir: string): number =>
  Math.max(
    ...["standdown.db", "standdown.db-wal"]
      .map((name) => join(dataDir, name))
      .map((file) => (existsSync(file) ? statSync(file).size : 0)),
  );

/** From now on a process can write no file beyond so many bytes; null lifts it. False where the system has no such limit. */
export function limitWrites(pid: number, bytes: number | null): boolean {
  const { status } = spawnSync("prlimit", ["--pid", String(pid), `--fsize=${bytes ?? "unlimited"}:`]);
  return status === 0;
}
