const AT_ONCE = 64;

/** Asks about each item, so many at a time. */
export async function askEach<T>(
  items: readonly string[],
  ask: (item: string) => Promise<T>,
  atOnce = AT_ONCE,
): Promise<Map<string, T>> {
  const answers = new Map<string, T>();
  const queue = [...items];
  const worker = async () => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) answers.set(item, await ask(item));
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, worker));
  return answers;
}
