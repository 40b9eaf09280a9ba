import { z } from "zod";
import type { Failure } from "../errors";
import { readAgentAddress } from "../address";
import { agentIdentity, agentless, tenantSchema } from "../obshell/schema";

export const environment = z.enum(["PROD", "STAGING", "TEST", "DEMO", "UNLABELLED"]);
/** Set per cluster in the configuration. UNLABELLED is treated as production (ux S-1). */
export type Environment = z.infer<typeof environment>;

export const clusterIdSchema = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, "lower-case letters, digits and hyphens; it stands in the address of every page");

/** An agent as people write it down: `ip:agentPort`, IPv6 in brackets. */
const agentAddress = z
  .string()
  .max(200)
  .transform((text, context) => {
    const { address, problem } = readAgentAddress(text);
    if (address !== null) return address;
    const message =
      problem === "port"
        ? "the agent port lies between 1025 and 65535"
        : "write it as ip:agentPort, for example 10.0.0.11:2886 or [fd00::11]:2886";
    context.addIssue({ code: "custom", message });
    return z.NEVER;
  });

/** Any agents of a cluster, each once however it is written. */
export const agentAddresses = z
  .array(agentAddress)
  .min(1)
  .transform((agents) => [...new Set(agents)]);

export const serverState = z.enum([
  "SERVING",
  "SERVICE_NOT_REPORTED", // it runs, and nobody tells whether its zone is stopped
  "NOT_SERVING_YET", // its process is up and known to the database, which holds no time since when it serves
  "SERVICE_STOPPED", // stopped by SQL, the process is running
  "PROCESS_STOPPED",
  "STOPPING",
  "STARTING",
  "UNAVAILABLE",
  "NOT_REPORTED",
  "DELETING",
]);
export type ServerState = z.infer<typeof serverState>;

/**
 * How an agent met the last question for its own status. `hangs`: it lives, for it tells its time, and does not come to its
 * status, as one whose observer is frozen; `refused`: its host says no; `unreadable`: it answers what is no status.
 */
export const agentCondition = z.enum(["answers", "hangs", "silent", "refused", "unreadable"]);
export type AgentCondition = z.infer<typeof agentCondition>;

/** Who has set a member aside, when and why. */
export const asideSchema = z.object({ by: z.string(), since: z.string(), reason: z.string() });
export type Aside = z.infer<typeof asideSchema>;

/** An agent that did not say its own status at the last look. */
export const unheardSchema = z.object({
  address: z.string(),
  zone: z.string(),
  condition: agentCondition.exclude(["answers"]),
  /** ISO 8601 since when; null when that is not known. */
  since: z.string().nullable(),
});
export type Unheard = z.infer<typeof unheardSchema>;

export const serverSchema = z.object({
  /**
   * Canonical agent address: what a stop sends as its target. Of a server without an agent of its own a name for the eye
   * alone: it is never asked, and never a target.
   */
  address: z.string(),
  /** Why it has no agent of its own; null: it has one. */
  agentless: agentless.nullable().default(null),
  ip: z.string(),
  zone: z.string(),
  sqlPort: z.number(),
  svrPort: z.number(),
  state: serverState,
  /** Raw database status, "" when not known. */
  innerStatus: z.string(),
  /** As its own agent said just now; null when the agent did not answer. */
  obState: z.number().nullable(),
  /** ISO 8601: since when it is stopped, or when it was started; null when not reported. */
  since: z.string().nullable(),
  rootServer: z.boolean(),
  /** Its stop time is set: it was stopped by STOP SERVER, and only START SERVER takes that back. */
  stoppedBySql: z.boolean(),
  /** null exactly where `agentless` says why: it is not silent, there is nobody to ask. */
  agent: z
    .object({
      answers: z.boolean(),
      condition: agentCondition,
      /** ISO 8601 since when it does not answer: of its last answer, or of the first question; null while it answers. */
      since: z.string().nullable(),
      /** Folder of its observer, as it said when it was well; "" when it never did. */
      homePath: z.string(),
      /** ISO 8601 of the agent's last answer to this console; null if it never answered. */
      lastAnswerAt: z.string().nullable(),
      version: z.string().nullable(),
      identity: agentIdentity.nullable(),
      /** 1 starting, 2 running, 3 stopping, 4 stopped, 0 unknown; null when it did not answer. */
      state: z.number().nullable(),
      underMaintenance: z.boolean(),
      /** Agent clock minus console clock, milliseconds; null when not measured. */
      skewMs: z.number().nullable(),
    })
    .nullable(),
  /** Main DAG that is working on this server, if one is. */
  taskId: z.string().nullable(),
  /** The majority verdict leaves it out, because a person has said that it is gone for good; null: it counts. */
  setAside: asideSchema.nullable().default(null),
});
export type Server = z.infer<typeof serverSchema>;

export const zoneSchema = z.object({
  name: z.string(),
  region: z.string(),
  idc: z.string(),
  /** The database's own word: ACTIVE or INACTIVE; "" when it could not be asked, or the agents do not pass it on. */
  innerStatus: z.string(),
  /** The same as it was told last, however long ago; "" when it never was, or a server of it was not serving yet then. */
  lastInnerStatus: z.string(),
  rootServer: z.boolean(),
  servers: z.array(serverSchema),
});
export type Zone = z.infer<typeof zoneSchema>;

/** An agent whose maintenance lock is held, as that agent says itself. */
export const holdSchema = z.object({
  agent: z.string(),
  /** Its sub DAG; released by PASS once it is FAILED (protocol §7.6). */
  taskId: z.string(),
  state: z.string(),
  stage: z.number(),
  maxStage: z.number(),
  since: z.string().nullable(),
});
export type Hold = z.infer<typeof holdSchema>;

/** A task of the cluster itself, such as scaling or an upgrade. It does not lock stop and start, and they disturb it. */
export const clusterTaskSchema = z.object({
  id: z.string(),
  name: z.string(),
  state: z.string(),
  stage: z.number(),
  maxStage: z.number(),
  startedAt: z.string().nullable(),
});
export type ClusterTask = z.infer<typeof clusterTaskSchema>;

/** An unfinished or leftover main DAG on this cluster, or a lock of something that is no start or stop. */
export const activeRunSchema = z.object({
  id: z.string(),
  name: z.string(),
  state: z.string(),
  operator: z.string(),
  stage: z.number(),
  maxStage: z.number(),
  startedAt: z.string().nullable(),
  /** True: it holds agents, and is not known to be going: it has ended, or its state is UNKNOWN, or it is no start or stop. */
  holdsMaintenance: z.boolean(),
  /** The agent that holds the main DAG; null when the lock names none. */
  coordinator: z.string().nullable(),
  /** Agents that it still holds, those that were asked: while it goes only some of them are. */
  holds: z.array(holdSchema),
  /** `forcePassDag` can release it: it is a start or a stop (protocol §7.5). */
  releasable: z.boolean(),
});
export type ActiveRun = z.infer<typeof activeRunSchema>;

/**
 * The cluster-wide answer, for which an agent asks every other one in turn, does not come: what only it tells (tenants,
 * whether a zone is stopped) is told as of `readAt`, or not known. The rest of the picture does not wait for it.
 */
export const overdueSchema = z.object({
  /** ISO 8601 of the question that is not answered yet, or of the refusal. */
  since: z.string(),
  /** Who was asked. */
  asked: z.string(),
  why: z.enum(["no-answer", "refused"]),
  /** ISO 8601 of the last such answer; null when there was none. */
  readAt: z.string().nullable(),
});
export type Overdue = z.infer<typeof overdueSchema>;

export const topologySchema = z.object({
  cluster: z.object({ id: z.string(), name: z.string(), environment }),
  /** Grows by one each time anything but `ageMs` changed. */
  version: z.number(),
  /**
   * Milliseconds since the facts were read that a decision rests on, as the server side measured it when it answered: who
   * is in the cluster, and what each agent says of itself.
   */
  ageMs: z.number(),
  readAt: z.string(),
  /** null: the cluster-wide answer is there, or these agents have none. */
  overdue: overdueSchema.nullable(),
  /** The agent whose picture this is; null when none answered. */
  answeredBy: z.string().nullable(),
  /** False: the database is out of reach, so only the local facts of the agents are known. */
  databaseReachable: z.boolean(),
  agentVersion: z.string().nullable(),
  /** What these agents can do by their versions (protocol §9). */
  abilities: z.object({
    /** An agent that could take a stop checks the majority of a whole zone itself. */
    checksZones: z.boolean(),
    reportsTenants: z.boolean(),
  }),
  obVersion: z.string(),
  zones: z.array(zoneSchema),
  /** null: not reported, so the majority cannot be judged. */
  tenants: z.array(tenantSchema).nullable(),
  /** Running runs and maintenance holds; null when no agent could be asked. */
  activeRuns: z.array(activeRunSchema).nullable(),
  /** Agents that could not be asked who holds them, so that "nobody" is not known. */
  notAsked: z.array(z.string()),
  /** null: the cluster could not be asked for its own tasks, because no database answers. */
  clusterTasks: z.array(clusterTaskSchema).nullable(),
});
export type Topology = z.infer<typeof topologySchema>;

/** Answer of GET /api/clusters/:cluster/topology?since=VERSION. */
export type TopologyAnswer =
  { unchanged: false; topology: Topology } | { unchanged: true; version: number; ageMs: number; readAt: string };

/** One line of the clusters page and of the shell's switcher. */
export interface ClusterCard {
  id: string;
  name: string;
  environment: Environment;
  /** A critical action needs a second person (ux C-13). */
  twoPerson: boolean;
  /** `file`: from the configuration file, and changed there. `store`: registered in the console. */
  source: "file" | "store";
}

/** Targets that a run took where it wanted them, as the run itself shows, or the cluster showed while it went on. */
export const doneSchema = z.union([z.literal("all"), z.array(z.string())]);
export type Done = z.infer<typeof doneSchema>;

/**
 * How far it is known that a server is down by a stop of this console. `zone-not-reported`: the stop stopped its zone, and
 * nobody tells whether the zone still is. `not-known`: it is down since then, and neither the run nor the cluster while
 * it went on has shown that it was by that stop.
 */
export type Certainty = "down" | "zone-not-reported" | "not-known";

/** A zone that a stop of this console stopped as a zone, where nobody tells whether it still is. */
export interface ZoneRecord {
  zone: string;
  person: string;
  /** ISO 8601 of the stop. */
  since: string;
}

const pem = z.string().trim().max(65_536);

/** What a person types about a cluster. */
export const clusterDraftSchema = z.object({
  name: z.string().trim().min(1).max(64),
  environment,
  agents: agentAddresses.refine((agents) => agents.length <= 64, "at most 64 of them"),
  twoPerson: z.boolean(),
  /** null: keep the one that is known. */
  password: z.string().max(256).nullable(),
  /** null: plain HTTP. `key` null: keep the one that is known. */
  tls: z.object({ ca: pem.min(1), cert: pem, key: pem.nullable() }).nullable(),
});
export type ClusterDraft = z.infer<typeof clusterDraftSchema>;

const memberRef = { clusterId: z.string().min(1).max(64), server: z.string().min(3).max(200) };
export const settingAsideSchema = z.object({ ...memberRef, reason: z.string().trim().min(5).max(2_000) });
export type SettingAside = z.infer<typeof settingAsideSchema>;
export const takingBackSchema = z.object(memberRef);
export type TakingBack = z.infer<typeof takingBackSchema>;

export const newClusterSchema = clusterDraftSchema.extend({ clusterId: clusterIdSchema });
export const changedClusterSchema = clusterDraftSchema.extend({ clusterId: z.string().min(1).max(64) });
export const removedClusterSchema = z.object({ clusterId: z.string().min(1).max(64), typedName: z.string().max(64) });
export const acceptedKeysSchema = z.object({
  clusterId: z.string().min(1).max(64),
  keys: z
    .array(z.object({ address: z.string().min(3).max(200), fingerprint: z.string().length(64) }))
    .min(1)
    .max(2_000),
});

/** The browser makes the id up, so that it can ask for the steps while the test goes on. */
export const testId = z.uuid();
export const newTestSchema = clusterDraftSchema.extend({ testId, clusterId: z.string().max(64) });
export const savedTestSchema = clusterDraftSchema.extend({ testId, clusterId: z.string().min(1).max(64) });

/** The steps of a connection test, in their order. */
export const TEST_STEPS = [
  "address",
  "tls",
  "identity",
  "version",
  "key",
  "clock",
  "password",
  "agents",
  "database",
] as const;
export type TestStepId = (typeof TEST_STEPS)[number];

export interface TestStep {
  id: TestStepId;
  /** `skipped`: not tried, because an earlier one failed. `warn`: it works, and something about it wants a look. */
  state: "waiting" | "running" | "ok" | "warn" | "failed" | "skipped";
  /** Our own word for what was found; null when `failure` says it, or nothing was found yet. */
  said: TestWord | null;
  failure: Failure | null;
  params: Record<string, string | number>;
  /** Addresses that it is about. */
  items: string[];
}

export type TestWord =
  | "addressReached"
  | "addressSome"
  | "addressRefused"
  | "addressSilent"
  | "addressUnroutable"
  | "tlsPlain"
  | "tlsWorks"
  | "tlsWanted"
  | "tlsNotSpoken"
  | "tlsAuthority"
  | "tlsExpired"
  | "tlsName"
  | "tlsClient"
  | "identityMember"
  | "identityElsewhere"
  | "identitySingle"
  | "identityUnfinished"
  | "versionGood"
  | "versionOld"
  | "versionTooOld"
  | "keyKnown"
  | "keyFirst"
  | "keyShort"
  | "keyChanged"
  | "clockGood"
  | "clockConsole"
  | "clockAgents"
  | "passwordTaken"
  | "agentsAll"
  | "agentsSilent"
  | "agentsForeign"
  | "agentsMisled"
  | "agentsUnproven"
  | "agentsOnlyElsewhere"
  | "agentsElsewhere"
  | "databaseAnswers"
  | "databaseDown";

/** Answer of GET /api/clusters/tests/:test. */
export interface ConnectionTest {
  steps: TestStep[];
  isOver: boolean;
}

/** How a cluster stands, in the order in which the overview shows them: the worst first. */
export const CLUSTER_HEALTH = [
  "credentialsLost",
  "passwordRejected",
  "keyChanged",
  "unreachable",
  "unreadable",
  "databaseOut",
  "someDown",
  "agentsUnheard",
  "notReadYet",
  "allRunning",
  "allServing",
] as const;
export type ClusterHealth = (typeof CLUSTER_HEALTH)[number];

/** One row of the overview. */
export interface ClusterSummary extends ClusterCard {
  health: ClusterHealth;
  /** Why the newest look failed; null when it did not. */
  failure: Failure | null;
  /** `unclear`: they run, and whether they serve is not reported. `notReported`: nobody tells about them at all. */
  servers: { total: number; serving: number; unclear: number; changing: number; notReported: number } | null;
  /** Agents that do not say their own status: the first few, and how many there are. */
  unheard: { first: Unheard[]; count: number };
  /** Servers that a stop of this console took down and that are not back. */
  downByUs: number;
  /** Zones that a stop of this console stopped as zones, where nobody tells whether they still are. */
  zonesByUs: string[];
  /** Members that are set aside for the majority verdict. */
  setAside: number;
  /** A stop that is being sent, or of which nobody knows whether it arrived. */
  intent: "open" | "unknown" | null;
  /** Stops that wait for a second person. */
  waitingApprovals: number;
  activeRun: Pick<ActiveRun, "id" | "name" | "stage" | "maxStage"> | null;
  heldRun: string | null;
  /** Age of the picture; null while there is none. */
  ageMs: number | null;
}

/** Answer of GET /api/clusters. */
export interface Overview {
  clusters: ClusterSummary[];
  /** Clusters of the store that the configuration file hides. */
  shadowed: string[];
  /** Master keys that sealed credentials need and that are not at hand, and the one that is; null when all open. */
  lostKey: { needs: string[]; found: string } | null;
}

/** One agent's key as remembered and as published just now. */
export interface AgentKey {
  address: string;
  state: "known" | "new" | "changed" | "silent";
  /** As remembered; null for an agent that was never met. */
  known: { fingerprint: string; bits: number | null; since: string; acceptedBy: string | null } | null;
  /** As published; null when the agent does not answer. */
  shown: { fingerprint: string; bits: number } | null;
}
