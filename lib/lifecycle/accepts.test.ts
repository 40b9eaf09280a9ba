import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, test, vi } from "vitest";
import { agentOf } from "../clusters/registry";
import { readTopology } from "../clusters/topology";
import { isAppError } from "../errors";
import type { AgentClient } from "../obshell/client";
import type { Dag, DagNode } from "../obshell/schema";
import type { Simulator, SimulatorOptions } from "../simulator/cluster";
import { chooseCoordinator } from "./coordinator";
import { scopeOf } from "./impact";
import { stopCall } from "./plan-call";
import { makePlan } from "./plans";
import type { Method, OperationRequest, Plan } from "./schema";
import { startStage, type Stage } from "./testing/stage";

/**
 * What the console offers is what the agents accept, both ways: every row of the agent's own validation of a stop
 * (protocol §5.1), and every operation at every node of a start or stop (protocol §6.5).
 */
vi.setConfig({ testTimeout: 120_000 });
let stage: Stage;
const begin = async (options: Partial<SimulatorOptions> = {}) =>
  void (stage = await startStage("sqlite", { zoneSizes: [2, 2, 2], timeScale: 2_000, ...options }));
afterEach(() => stage.end());

const PASSED = "accepted";
/** What the agent says: its own code, or that it took the request. */
const answerOf = (asked: Promise<unknown>): Promise<string> =>
  asked.then(
    () => PASSED,
    (error: unknown) => {
      if (isAppError(error) && error.facts.agentCode !== undefined) return error.facts.agentCode;
      throw error;
    },
  );

describe("a stop", () => {
  const SITUATIONS: Record<string, { options?: Partial<SimulatorOptions>; make?: (simulator: Simulator) => void }> = {
    healthy: {},
    "a server stopped elsewhere": {
      make: (simulator) => simulator.setObserver(simulator.agents[5]?.address ?? "", "service-stopped"),
    },
    "no database at all": { make: (simulator) => simulator.setFault("*", { kind: "database-down" }) },
    "no database at the first agent": {
      make: (simulator) => simulator.setFault(simulator.agents[0]?.address ?? "", { kind: "database-down" }),
    },
    "a zone whose processes are gone": {
      make: (simulator) => {
        for (const { address, zone } of simulator.agents)
          if (zone === "zone3") simulator.setObserver(address, "process-stopped");
      },
    },
    "an agent that is being taken over": {
      make: (simulator) =>
        simulator.setFault(simulator.agents[0]?.address ?? "", { kind: "identity", identity: "TAKE OVER FOLLOWER" }),
    },
  };
  const PICKS: Record<string, readonly number[]> = {
    "a server": [2],
    "servers of two zones": [0, 2],
    "a zone": [2, 3],
    "two zones": [0, 1, 2, 3],
    everything: [0, 1, 2, 3, 4, 5],
  };
  const METHODS: readonly Method[] = ["stop", "terminate", "force"];

  for (const version of ["4.5.0.0", "4.3.1.0", "4.2.3.0"] as const)
    for (const [situation, { options, make }] of Object.entries(SITUATIONS))
      test(`${version}, ${situation}: what the plan lets through the agent takes, and what it blocks the agent refuses`, async () => {
        const seen: Record<string, string> = {};
        for (const [name, indexes] of Object.entries(PICKS))
          for (const method of METHODS) {
            await begin({ version, ...options });
            make?.(stage.simulator);
            const servers = indexes.map((at) => stage.simulator.agents[at]?.address ?? "");
            const plan = await stage.plan(servers, method);
            const isBlocked =
              plan.impact.blocks.length > 0 || plan.checks.some(({ level }) => level === "block") || !plan.coordinator;
            const answer = await answerOf(send(servers, method));
            if (isBlocked !== (answer !== PASSED) && !isStricter(plan, version))
              seen[`${name}, ${method}`] = `plan ${isBlocked ? "blocked" : "open"}, agent: ${answer}`;
            await stage.end();
          }
        await begin();
        expect(seen).toEqual({});
      });

  /**
   * The console knows that nothing is left to stop, or that the database will refuse the statement later: agents before
   * 4.4.1.0 do not look at the rule of one zone themselves (protocol §5.1 rows 9, 10).
   */
  const isStricter = ({ impact }: Pick<Plan, "impact">, version: string) =>
    impact.blocks.some(
      ({ reason }) =>
        reason === "not-stoppable" ||
        (version !== "4.5.0.0" && (reason === "spans-zones" || reason === "other-zone-stopped")),
    );

  /** The same request, past the console's own judgement, through the agent that it would go through. */
  async function send(servers: string[], method: Method): Promise<unknown> {
    const topology = await readTopology("c1", { maxAgeMs: 0 });
    const picked = new Set(servers);
    const scope = scopeOf(topology, picked);
    if (!scope) throw new Error("nothing is picked");
    const best = chooseCoordinator(topology, scope, method, picked)?.address ?? stage.simulator.agents[1]?.address;
    const agent = agentOf("c1", best ?? "");
    const call = stopCall(scope, method, [], topology.agentVersion);
    return call.call === "zone-stop" ? agent.zoneStop(call.zone, call) : agent.stop(call);
  }
});

describe("a start", () => {
  const SITUATIONS: Record<string, (simulator: Simulator) => Promise<unknown> | void> = {
    healthy: () => undefined,
    "a zone stopped as a zone": async ({ agents }) => {
      const scope = { type: "ZONE" as const, target: ["zone2"] };
      const { id } = await agentOf("c1", agents[0]?.address ?? "").stop({ scope, mode: "stop", forcePassDag: [] });
      await vi.waitFor(async () =>
        expect((await agentOf("c1", agents[0]?.address ?? "").dag(id)).state).toBe("SUCCEED"),
      );
    },
    "a server whose process is gone": (simulator) =>
      simulator.setObserver(simulator.agents[2]?.address ?? "", "process-stopped"),
    "all processes gone": (simulator) => {
      for (const { address } of simulator.agents) simulator.setObserver(address, "process-stopped");
    },
    "an agent that is being taken over": (simulator) =>
      simulator.setFault(simulator.agents[0]?.address ?? "", { kind: "identity", identity: "TAKE OVER FOLLOWER" }),
  };
  const PICKS: Record<string, readonly number[]> = {
    "a server": [2],
    "a zone": [2, 3],
    everything: [0, 1, 2, 3, 4, 5],
  };
  /** What must be open where zones are reported, by situation; a console that blocks more keeps people from starting. */
  const OPEN: Record<string, string[]> = {
    healthy: [],
    "a zone stopped as a zone": ["a zone"],
    "a server whose process is gone": ["a server"],
    "all processes gone": ["a server", "a zone", "everything"],
    "an agent that is being taken over": [],
  };
  /** An agent takes a start of anything (protocol §5.3): the console blocks what would change nothing, or leave a zone stopped. */
  const STRICTER = new Set(["not-startable", "zone-as-zone", "mixed-scope", "zone-not-reported"]);

  for (const version of ["4.5.0.0", "4.3.1.0", "4.3.0.0", "4.2.3.0"] as const)
    for (const [situation, make] of Object.entries(SITUATIONS))
      test(`${version}, ${situation}: what the plan lets through the agent takes`, async () => {
        const seen: Record<string, string> = {};
        const open: string[] = [];
        for (const [name, indexes] of Object.entries(PICKS)) {
          await begin({ version });
          await make(stage.simulator);
          const servers = indexes.map((at) => stage.simulator.agents[at]?.address ?? "");
          await readTopology("c1", { maxAgeMs: 0 });
          const plan = await makePlan(
            { action: "start", clusterId: "c1", servers, releases: [], continues: null },
            stage.person,
          );
          const { blocks, scope } = plan.impact;
          const isBlocked = blocks.length > 0 || plan.checks.some(({ level }) => level === "block");
          if (!isBlocked) open.push(name);
          const agent = agentOf("c1", plan.coordinator ?? "");
          const answer = scope ? await answerOf(agent.start({ scope, forcePassDag: [] })) : "no scope";
          const isStricter = blocks.length > 0 && blocks.every(({ reason }) => STRICTER.has(reason));
          if (isBlocked !== (answer !== PASSED) && !isStricter)
            seen[name] = `plan ${isBlocked ? "blocked" : "open"}, agent: ${answer}`;
          await stage.end();
        }
        await begin();
        expect(seen).toEqual({});
        // Where nobody reports whether a zone is stopped, a whole one can always be started.
        if (version === "4.2.3.0") expect(open).toEqual(expect.arrayContaining(["a zone", "everything"]));
        else expect(open).toEqual(OPEN[situation]);
      });
});

describe("an operation", () => {
  type Stop = { method: Method | "start"; indexes: readonly number[] };
  const ONE: readonly number[] = [2];
  /** How a run comes to fail at a node, with the stage's name in the engine. */
  const FAILURES: Record<string, Stop & { options?: Partial<SimulatorOptions>; make: (simulator: Simulator) => void }> =
    {
      "Make sure all agents are ready": {
        ...{ method: "force", indexes: ONE },
        make: (simulator) => simulator.setFault(last(simulator), { kind: "agent-down" }),
      },
      "Execute stop sql": {
        ...{ method: "stop", indexes: ONE },
        make: (simulator) => simulator.setFault("*", { kind: "sql-error" }),
      },
      "Minor freeze before stop server": {
        ...{ method: "terminate", indexes: ONE },
        make: (simulator) => simulator.setFault(at(simulator, 2), { kind: "freeze-error" }),
      },
      "Advance agents to execute the task": {
        ...{ method: "force", indexes: ONE },
        make: (simulator) => simulator.setFault(last(simulator), { kind: "rpc-lost", call: "advance" }),
      },
      "Wait for all agents to execute tasks successfully": {
        ...{ method: "force", indexes: ONE },
        make: (simulator) =>
          simulator.when({ stage: "wait" }, () => simulator.setFault(last(simulator), { kind: "silent" })),
      },
      "Inform all agents to end the task": {
        ...{ method: "force", indexes: ONE },
        make: (simulator) => simulator.setFault(at(simulator, 2), { kind: "kill-failure" }),
      },
      "Start Zone": {
        ...{ method: "start", indexes: [2, 3] },
        make: (simulator) => simulator.setFault("*", { kind: "sql-error" }),
      },
    };
  const at = (simulator: Simulator, index: number) => simulator.agents[index]?.address ?? "";
  const last = (simulator: Simulator) => at(simulator, 5);

  const ACTIONS = ["cancel", "retry", "skip"] as const;
  type Action = (typeof ACTIONS)[number];
  const operate = (action: Action, agent: AgentClient, runId: string, node: DagNode | undefined) =>
    action === "skip"
      ? agent.passNode(node?.id ?? "")
      : agent.operateDag(runId, action === "cancel" ? "CANCEL" : "RETRY");

  async function failedRun(failure: (typeof FAILURES)[string], name: string) {
    const runId = await startRun(failure);
    const dag = await until(runId, ({ state }) => state === "FAILED");
    const node = dag.nodes[dag.stage - 1];
    expect(node?.name).toBe(name);
    return { agent: agentOf("c1", at(stage.simulator, 0)), runId, node };
  }

  const ask = async (action: Action, runId: string): Promise<string> => {
    const asked: OperationRequest = { action, clusterId: "c1", runId };
    const plan = await makePlan(asked, stage.person);
    const check = plan.checks.find(({ id }) => id === "run");
    return check?.level === "block" ? check.message : PASSED;
  };

  async function startRun({ method, indexes, make }: (typeof FAILURES)[string]): Promise<string> {
    const servers = indexes.map((index) => at(stage.simulator, index));
    const agent = agentOf("c1", at(stage.simulator, 0));
    if (method !== "start") {
      make(stage.simulator);
      const scope = { type: "SERVER" as const, target: servers };
      return (await agent.stop({ scope, mode: method, forcePassDag: [] })).id;
    }
    const zone = { type: "ZONE" as const, target: ["zone2"] };
    await until(
      (await agent.stop({ scope: zone, mode: "stop", forcePassDag: [] })).id,
      ({ state }) => state === "SUCCEED",
    );
    make(stage.simulator);
    return (await agent.start({ scope: zone, forcePassDag: [] })).id;
  }

  async function until(runId: string, reached: (dag: Dag) => boolean): Promise<Dag> {
    for (;;) {
      const dag = await agentOf("c1", at(stage.simulator, 0)).dag(runId);
      if (reached(dag)) return dag;
      await sleep(20);
    }
  }

  for (const version of ["4.5.0.0", "4.3.1.0"] as const)
    test.each(Object.keys(FAILURES))(`${version}, on a run that failed at: %s`, async (name) => {
      const failure = FAILURES[name];
      if (!failure) throw new Error(name);
      await begin({ version, ...failure.options });
      const { agent, runId, node } = await failedRun(failure, name);
      // Never offered, because the engine always refuses them on a main run.
      expect(await answerOf(agent.operateDag(runId, "ROLLBACK"))).not.toBe(PASSED);
      expect(await answerOf(agent.operateDag(runId, "PASS"))).not.toBe(PASSED);
      const offered: Action[] = [];
      for (const action of ACTIONS) {
        if ((await ask(action, runId)) === PASSED) offered.push(action);
        else expect(await answerOf(operate(action, agent, runId, node))).not.toBe(PASSED);
      }
      for (const [turn, action] of offered.entries()) {
        if (turn === 0) expect(await answerOf(operate(action, agent, runId, node))).toBe(PASSED);
        else {
          await stage.end();
          await begin({ version, ...failure.options });
          const again = await failedRun(failure, name);
          expect(await answerOf(operate(action, again.agent, again.runId, again.node))).toBe(PASSED);
        }
      }
    });

  test.each(["create", "ready", "advance", "wait", "end"] as const)(
    "cancel of a run that goes on at %s is offered and taken, retry and skip neither; a second cancel neither",
    async (moment) => {
      await begin({ timeScale: 20 });
      const agent = agentOf("c1", at(stage.simulator, 0));
      const reached = new Promise<string>((resolve) =>
        stage.simulator.when({ stage: moment }, ({ dagId }) => resolve(dagId)),
      );
      stage.simulator.setFault(at(stage.simulator, 0), { kind: "stage-held", stage: moment });
      const scope = { type: "SERVER" as const, target: [at(stage.simulator, 2)] };
      const { id: runId } = await agent.stop({ scope, mode: "force", forcePassDag: [] });
      await reached;
      const dag = await agent.dag(runId);
      expect(await ask("retry", runId)).toBe("going");
      expect(await answerOf(agent.operateDag(runId, "RETRY"))).not.toBe(PASSED);
      expect(await ask("skip", runId)).toBe("going");
      expect(await answerOf(agent.passNode(dag.nodes[dag.stage - 1]?.id ?? ""))).not.toBe(PASSED);
      expect(await ask("cancel", runId)).toBe(PASSED);
      expect(await answerOf(agent.operateDag(runId, "CANCEL"))).toBe(PASSED);
      expect(await ask("cancel", runId)).toMatch(/^(cancelling|over)$/);
      expect(await answerOf(agent.operateDag(runId, "CANCEL"))).not.toBe(PASSED);
    },
  );
});
