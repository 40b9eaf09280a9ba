import { few } from "../few";
import { hasAgent } from "../clusters/has-agent";
import type { Server } from "../clusters/schema";
import { isConcern, type Draft } from "./draft";
import type { Change } from "./schema";

const silentAgents = (draft: Draft): string[] =>
  draft.checks.find((check) => check.id === "agents-answer" && check.level === "warn")?.items ?? [];

/** What differs between the reviewed draft and the cluster now, in the order in which it matters (ux G-4, C-8). */
export function planChanges(then: Draft, now: Draft): Change[] {
  if (then.fingerprint === now.fingerprint) return [];
  const changes: Change[] = [];
  const lost = then.targets.filter((server) => !now.targets.some((other) => other.address === server.address));
  const servers = now.topology.zones.flatMap((zone) => zone.servers);
  const isLeft = ({ ip, svrPort }: Server) =>
    servers.some((server) => !hasAgent(server) && server.ip === ip && server.svrPort === svrPort);
  for (const [message, gone] of [
    ["targets", lost.filter((server) => !isLeft(server))],
    ["targets-agentless", lost.filter(isLeft)],
  ] as const)
    if (gone.length > 0) changes.push({ message, params: { gone: few(gone.map(({ address }) => address)) } });
  const before = new Map(
    then.topology.zones.flatMap((zone) => zone.servers.map((server) => [server.address, server.state])),
  );
  for (const server of servers) {
    const from = before.get(server.address);
    if (from !== server.state && (from !== undefined || hasAgent(server)))
      changes.push({
        message: "server-state",
        params: { address: server.address, from: from ?? "NOT_REPORTED", to: server.state },
      });
  }
  const { majority, outOfReach } = now.impact;
  if (outOfReach.join() !== then.impact.outOfReach.join())
    changes.push({ message: "out-of-reach", params: { count: outOfReach.length, list: few(outOfReach) } });
  if (
    majority.verdict !== then.impact.majority.verdict ||
    majority.tenants.join() !== then.impact.majority.tenants.join()
  ) {
    changes.push({
      message: "majority",
      params: { from: then.impact.majority.verdict, to: majority.verdict, tenants: few(majority.tenants) },
    });
  }
  const aside = majority.setAside.map(({ server }) => server);
  if (JSON.stringify(majority.setAside) !== JSON.stringify(then.impact.majority.setAside))
    changes.push({ message: "set-aside", params: { count: aside.length, list: few(aside) } });
  const basis = ({ impact: { majority: rests } }: Draft) => `${rests.source} ${rests.guard}`;
  if (basis(then) !== basis(now)) {
    changes.push({ message: "majority-basis", params: { source: majority.source, guard: majority.guard } });
  }
  const silent = silentAgents(now).filter((address) => !silentAgents(then).includes(address));
  if (silent.length > 0) changes.push({ message: "agents", params: { gone: few(silent) } });
  if (then.coordinator?.address !== now.coordinator?.address) {
    changes.push({
      message: "coordinator",
      params: { from: then.coordinator?.address ?? "—", to: now.coordinator?.address ?? "—" },
    });
  }
  changes.push(...blockerChanges(then, now), ...runChanges(then, now));
  const told = new Set(changes.map((change) => change.message));
  const isTold = (id: string) =>
    (id === "majority" && told.has("majority")) ||
    (id === "agents-answer" && told.has("agents")) ||
    (id === "nobody-else" && [...told].some((message) => message.startsWith("blocker-"))) ||
    (id === "run" && told.has("run-state"));
  for (const check of now.checks) {
    const old = then.checks.find((other) => other.id === check.id);
    if (check.id === "coordinator" || isTold(check.id) || !(isConcern(check) || (old && isConcern(old)))) continue;
    if (old?.level !== check.level || old.message !== check.message || old.items.join() !== check.items.join())
      changes.push({ message: "check", params: { id: check.id } });
  }
  return changes.length > 0 ? changes : [{ message: "other", params: {} }];
}

/** What stands in the way and did not, or does no longer, or has begun or ceased to go. */
function blockerChanges(then: Draft, now: Draft): Change[] {
  const before = new Map(then.blockers.map((blocker) => [blocker.id, blocker]));
  const gone = then.blockers.filter(({ id }) => !now.blockers.some((blocker) => blocker.id === id));
  return [
    ...now.blockers.flatMap(({ id, name, work, agents }): Change[] => {
      const old = before.get(id);
      if (!old) return [{ message: "blocker-came", params: { run: id, name } }];
      if (old.work !== work) return [{ message: "blocker-going", params: { run: id, work } }];
      if (work === "going" || sameMembers(old.agents, agents)) return [];
      return [{ message: "blocker-holds", params: { run: id, was: old.agents.length, count: agents.length } }];
    }),
    ...gone.map(({ id }): Change => ({ message: "blocker-gone", params: { run: id } })),
  ];
}

const sameMembers = (left: readonly string[], right: readonly string[]): boolean =>
  [...left].sort().join() === [...right].sort().join();

const runChanges = ({ run: then }: Draft, { run: now }: Draft): Change[] =>
  now && then && now.id === then.id && now.state !== then.state
    ? [{ message: "run-state", params: { run: now.id, from: then.state, to: now.state } }]
    : [];
