import { gzipSync } from "node:zlib";
import type { Page } from "@playwright/test";

export interface FirstLoad {
  /** Paths of the scripts, in the order of loading. */
  scripts: string[];
  /** Together, in bytes after gzip. */
  gzipBytes: number;
}

/**
 * Opens the page and adds up every script that the browser loads until the network is idle, those loaded lazily for
 * the first view as well. Prefetched pages and polls must not keep the network busy for ever: `idleMs` without a
 * script is idle.
 */
export async function firstLoadScripts(page: Page, url: string, idleMs = 1500): Promise<FirstLoad> {
  const bodies = new Map<string, Promise<Buffer>>();
  let lastAt = Date.now();
  page.on("response", (response) => {
    if (response.request().resourceType() !== "script" || !response.ok()) return;
    lastAt = Date.now();
    bodies.set(new URL(response.url()).pathname, response.body());
  });
  await page.goto(url, { waitUntil: "load" });
  while (Date.now() - lastAt < idleMs) await page.waitForTimeout(100);
  const contents = await Promise.all(bodies.values());
  const gzipBytes = contents.reduce((sum, content) => sum + gzipSync(content, { level: 9 }).length, 0);
  return { scripts: [...bodies.keys()], gzipBytes };
}
