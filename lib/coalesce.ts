/** Callers of one key share one read, and its answer for `freshMs` more. A failure is shared while it runs, never kept. */
export function createCoalescer<T>(freshMs: number) {
  const current = new Map<string, Promise<T>>();
  return (key: string, load: () => Promise<T>): Promise<T> => {
    const shared = current.get(key);
    if (shared) return shared;
    const read = load();
    current.set(key, read);
    const forget = () => void current.delete(key);
    read.then(() => setTimeout(forget, freshMs).unref(), forget);
    return read;
  };
}
