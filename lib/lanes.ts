/** Lets so many works go on at a time; the others wait in the order of their coming. A signal takes a waiting one out. */
export function createLanes(count: number) {
  const waiting: (() => void)[] = [];
  let busy = 0;

  const enter = (signal?: AbortSignal) =>
    new Promise<void>((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason as Error);
      const go = () => {
        signal?.removeEventListener("abort", leave);
        busy += 1;
        resolve();
      };
      const leave = () => {
        const at = waiting.indexOf(go);
        if (at >= 0) waiting.splice(at, 1);
        reject(signal?.reason as Error);
      };
      if (busy < count) return go();
      waiting.push(go);
      signal?.addEventListener("abort", leave, { once: true });
    });

  return async <T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> => {
    await enter(signal);
    try {
      return await work();
    } finally {
      busy -= 1;
      waiting.shift()?.();
    }
  };
}
