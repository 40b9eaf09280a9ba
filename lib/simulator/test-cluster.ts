import { expect, onTestFinished } from "vitest";
import { startSimulator, type SimulatorOptions } from "./cluster";
import { createTestClient, follow, type TestClient, type WireDag } from "./test-client";

/** A cluster that ends with its test, and what tests need of it. Real time passes 300 times faster unless told otherwise. */
export async function play(options: Partial<SimulatorOptions> = {}) {
  const simulator = await startSimulator({ scenario: "medium", timeScale: 300, ...options });
  onTestFinished(() => simulator.close());
  const at = (index: number): string => simulator.agents[index]?.address ?? "";
  const clientAt = (index: number): TestClient => createTestClient(at(index), simulator.password);
  return { simulator, at, clientAt, client: clientAt(0) };
}

export const servers = (...target: string[]) => ({ type: "SERVER", target });
export const zones = (...target: string[]) => ({ type: "ZONE", target });

/** Sends a start or stop that must be taken, and follows it to its end. */
export async function run(client: TestClient, path: string, body: unknown): Promise<{ dag: WireDag; seen: string[] }> {
  const accepted = await client.post(path, body);
  expect(accepted.json.error).toBeUndefined();
  expect(accepted.json.data).toMatchObject({ state: "READY", stage: 1, nodes: null, additional_data: null });
  return follow(client, accepted.json.data?.id ?? "");
}

export const stageOf = async (client: TestClient, id: string): Promise<number | undefined> =>
  (await client.get(`/task/dag/${id}`)).json.data?.stage;
