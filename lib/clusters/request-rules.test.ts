import { expect, test, vi } from "vitest";
import { AppError } from "../errors";
import type { AgentClient } from "../obshell/client";
import type { AgentStatus, SubTask } from "../obshell/schema";
import { encodeTaskId } from "../obshell/wire/task-id";
import { noteStatus } from "./last-status";
import { withRules } from "./request-rules";

const RELAY = "10.0.0.11:2886";
const SILENT = "10.0.0.12:2886";
const STATUS: AgentStatus = {
  ...{ address: RELAY, identity: "CLUSTER AGENT", state: 2, version: "4.5.0.0", obState: 3, underMaintenance: false },
};

test("what an agent passes on to a silent owner leaves room for what it says of itself", async () => {
  const waiting: ((error: AppError) => void)[] = [];
  const subTask = vi.fn(() => new Promise<SubTask>((_resolve, reject) => void waiting.push(reject)));
  const relay = withRules("c1", { address: RELAY, subTask } as Partial<AgentClient> as AgentClient); // asked for nothing else
  noteStatus("c1", RELAY, STATUS);
  const logs = Array.from({ length: 8 }, (_, at) => relay.subTask(encodeTaskId(SILENT, at + 1) ?? ""));
  const ended = Promise.allSettled(logs);
  await vi.waitFor(() => expect(subTask).toHaveBeenCalled());
  // Of the 4 reads that an agent gets at a time.
  expect(subTask).toHaveBeenCalledTimes(2);
  for (const reject of waiting) reject(new AppError("agent-timeout"));
  expect(await ended).toMatchObject(logs.map(() => ({ status: "rejected", reason: { kind: "agent-timeout" } })));
  expect(subTask).toHaveBeenCalledTimes(2);
});
