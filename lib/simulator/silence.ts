import type { FaultBoard } from "./fault";

/** Whether an agent takes connections and answers nothing. */
export const isSilent = (faults: FaultBoard, address: string): boolean =>
  faults.has(address, "silent") || faults.has(address, "host-silent");

const LOOK_AGAIN_MS = 20;

/** Ends when the observer answers its agent again. */
export async function thawed(faults: FaultBoard, address: string): Promise<void> {
  while (faults.has(address, "observer-frozen"))
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS).unref());
}
