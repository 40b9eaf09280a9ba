const HEARTBEAT_MS = 20_000;

/** @param {string} [text] */
export const say = (text = "") => void process.stdout.write(`${text}\n`);

/** @param {number} sinceMs */
export const seconds = (sinceMs) => `${((Date.now() - sinceMs) / 1000).toFixed(1)} s`;

/**
 * @param {string} text
 * @param {number} count
 */
export function lastLines(text, count) {
  const lines = text.trimEnd().split("\n");
  const shown = lines.slice(-count).map((line) => `    ${line}`);
  if (lines.length > count) shown.unshift(`    … ${lines.length - count} lines more above`);
  return shown.join("\n");
}

/**
 * Says what begins, now and then that it still runs, and how long it took.
 * @template T
 * @param {string} label
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function timed(label, work) {
  const startedAt = Date.now();
  say(`${label} …`);
  const heartbeat = setInterval(() => say(`  … ${seconds(startedAt)}`), HEARTBEAT_MS);
  try {
    return await work();
  } finally {
    clearInterval(heartbeat);
    say(`  ${seconds(startedAt)}`);
  }
}
