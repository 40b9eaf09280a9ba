import { expect, test } from "vitest";
import { startSimulator } from "./cluster";
import { createTestClient, follow } from "./test-client";

test("1 000 agents start in one process and stop one server together", async () => {
  const startedAt = Date.now();
  const simulator = await startSimulator({ scenario: "huge", timeScale: 100 });
  const startMs = Date.now() - startedAt;
  try {
    expect(simulator.agents).toHaveLength(1_000);
    expect(new Set(simulator.agents.map((agent) => agent.address)).size).toBe(1_000);
    // About half a second alone; the limit leaves room for a busy machine.
    expect(startMs).toBeLessThan(6_000);
    const [first, second] = simulator.agents;
    const client = createTestClient(first?.address ?? "", simulator.password);
    const body = { scope: { type: "SERVER", target: [second?.address] }, force: true };
    const { json } = await client.post("/ob/stop", body);
    const { dag } = await follow(client, json.data?.id ?? "");
    expect(dag.state).toBe("SUCCEED");
    expect(dag.nodes?.flatMap((node) => node.sub_tasks)).toHaveLength(2_003);
  } finally {
    await simulator.close();
  }
});
