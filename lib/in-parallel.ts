const AT_ONCE = 64;

/**
 * Does the work for each item, so many at a time. After the first failure nothing more is begun, and that failure is
 * thrown when everything under way is over.
 */
export async function inParallel<T>(
  items: readonly T[],
  work: (item: T) => Promise<unknown>,
  atOnce = AT_ONCE,
): Promise<void> {
  const queue = items.values();
  const failures: unknown[] = [];
  const worker = async () => {
    for (const item of queue) {
      await work(item).catch((error: unknown) => failures.push(error));
      if (failures.length > 0) return;
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, worker));
  if (failures.length > 0) throw failures[0];
}

/** What each item was answered, so many asked at a time. Throws as `inParallel` does. */
export async function askEach<T>(
  items: readonly string[],
  ask: (item: string) => Promise<T>,
  atOnce = AT_ONCE,
): Promise<Map<string, T>> {
  const answers = new Map<string, T>();
  await inParallel(items, async (item) => answers.set(item, await ask(item)), atOnce);
  return answers;
}
