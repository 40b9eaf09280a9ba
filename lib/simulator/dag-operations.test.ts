import { expect, test } from "vitest";
import { createAgent } from "./agent";
import type { Dag, NodeAbilities } from "./dag";
import { CANCEL_ONLY, operateDag, operateNode, RETRYABLE } from "./dag-operations";
import { createFaultBoard } from "./fault";
import { createMoments } from "./moments";
import { createTimeline } from "./timeline";

/** A two-stage DAG that failed in its first stage; its agent's scheduler never gets to tick. */
function failedDag(abilities: NodeAbilities) {
  const timeline = createTimeline(1);
  const agent = createAgent({
    index: 0,
    ip: "127.0.0.1",
    port: 2886,
    zone: "zone1",
    version: "4.5.0.0",
    rsaBits: 512,
    timeline,
    faults: createFaultBoard(),
    moments: createMoments(),
  });
  const steps = [{ agent: agent.address, step: async () => undefined }];
  const nodes = ["one", "two"].map((name) => ({ name, abilities, steps }));
  const dag: Dag = agent.store.create({ name: "test", maintenance: 2, work: { kind: "other" }, nodes }, 1_000);
  const [node] = dag.nodes;
  const [subTask] = node?.subTasks ?? [];
  if (!node || !subTask) throw new Error("the DAG has no node");
  for (const status of [dag, node, subTask]) status.state = "FAILED";
  subTask.executeTimes = 1;
  timeline.close();
  return { agent, dag, node, subTask };
}

test("RETRY re-opens the failed stage with epoch times", () => {
  const { agent, dag, node, subTask } = failedDag(RETRYABLE);
  operateDag(agent, dag, "retry");
  expect(dag).toMatchObject({ state: "READY", operator: "RUN", stage: 1, startedAt: 0, endedAt: 0 });
  expect(node).toMatchObject({ state: "PENDING", operator: "RETRY", startedAt: 0 });
  expect(subTask).toMatchObject({ state: "FAILED", operator: "RUN" });
});

test("PASS settles everything at once, keeps the stage and releases the lock", () => {
  const { agent, dag } = failedDag(RETRYABLE);
  expect(agent.store.lockHolder()).toBe(dag);
  operateDag(agent, dag, "PASS");
  expect(dag).toMatchObject({ state: "SUCCEED", operator: "PASS", stage: 1 });
  expect(dag.nodes.map((node) => [node.state, node.operator])).toEqual(Array(2).fill(["SUCCEED", "PASS"]));
  expect(agent.store.lockHolder()).toBeUndefined();
  expect(agent.store.lastMaintenance()).toBe(dag);
});

test("CANCEL waits for the scheduler, and a second one finds the row changed", () => {
  const { agent, dag } = failedDag(CANCEL_ONLY);
  dag.state = "RUNNING";
  operateDag(agent, dag, "CANCEL");
  expect(dag).toMatchObject({ state: "READY", operator: "CANCEL", startedAt: 0 });
  expect(() => operateDag(agent, dag, "CANCEL")).toThrow("no row affected");
});

test("passing a node goes on with the next stage", () => {
  const { agent, dag, node } = failedDag(RETRYABLE);
  operateNode(agent, dag, node);
  expect(node).toMatchObject({ state: "SUCCEED", operator: "PASS" });
  expect(dag).toMatchObject({ state: "READY", operator: "RUN", stage: 1 });
  expect(() => operateNode(agent, dag, node)).toThrow("assigned DAG is not failed");
});

test("a node that only cancels refuses RETRY, ROLLBACK and PASS", () => {
  for (const operator of ["RETRY", "ROLLBACK", "PASS"]) {
    const { agent, dag } = failedDag(CANCEL_ONLY);
    expect(() => operateDag(agent, dag, operator)).toThrow("node one cannot");
  }
});
