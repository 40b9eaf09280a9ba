/** Tells the whole page that the server side no longer knows who asks, and later that they signed in again. */
const listeners = new Set<() => void>();
let isOut = false;

function set(next: boolean): void {
  if (isOut === next) return;
  isOut = next;
  listeners.forEach((listener) => listener());
}

export const tellSignedOut = (): void => set(true);
export const tellSignedIn = (): void => set(false);
export const isSignedOut = (): boolean => isOut;

export function watchSignedOut(listener: () => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}
