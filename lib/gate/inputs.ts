import { z } from "zod";

/** Route parameters, as every handler reads them. */
const digits = z.string().regex(/^[0-9]{1,80}$/, "is not a task id");
const whole = z.coerce.number().int().min(0).optional();

export const noInput = z.object({});
export const testInput = z.object({ test: z.uuid() });
export const clusterInput = z.object({ cluster: z.string().min(1).max(64), since: whole });
export const planInput = z.object({ cluster: z.string().min(1).max(64), plan: z.string().min(1).max(64) });
export const approvalInput = z.object({ cluster: z.string().min(1).max(64), approval: z.string().min(1).max(64) });
export const runInput = z.object({
  cluster: z.string().min(1).max(64),
  run: digits,
  since: whole,
  /** Everybody is asked now. */
  look: z.literal("1").optional(),
});
export const taskLogInput = z.object({
  cluster: z.string().min(1).max(64),
  run: digits,
  task: digits,
  from: whole,
  to: whole,
  /** All of it, as a file. */
  whole: z.literal("1").optional(),
});
export const subRunInput = z.object({
  cluster: z.string().min(1).max(64),
  run: digits,
  agent: z.string().min(3).max(64),
});
