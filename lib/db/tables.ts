import type { ColumnType, Generated, Kysely } from "kysely";

/**
 * The tables, in columns that mean the same on both engines: texts (ids, ISO 8601 times, JSON), whole numbers, 0 and 1.
 * Whoever reads a JSON column parses it with its schema.
 */
export interface Tables {
  cluster: ClusterTable;
  cluster_claim: ClusterClaimTable;
  cluster_turn: ClusterTurnTable;
  known_key: KnownKeyTable;
  set_aside: SetAsideTable;
  plan: PlanTable;
  intent: IntentTable;
  approval: ApprovalTable;
  audit: AuditTable;
  audit_head: AuditHeadTable;
  role_grant: RoleGrantTable;
  key_check: KeyCheckTable;
  user: UserTable;
  session: SessionTable;
  account: AccountTable;
  verification: VerificationTable;
  twoFactor: TwoFactorTable;
  person: PersonTable;
  sign_in_try: SignInTryTable;
  store_identity: StoreIdentityTable;
}

export type Database = Kysely<Tables>;

/** A cluster that was registered in the console. Those of the configuration file are not in the store. */
interface ClusterTable {
  id: string;
  name: string;
  environment: string;
  /** JSON list of agent addresses. */
  agents: string;
  /** 1: a critical action needs a second person (ux C-13). */
  two_person: number;
  /** Sealed JSON of the password and the TLS client key. */
  sealed: string;
  /** PEM; null for plain HTTP. */
  tls_ca: string | null;
  tls_cert: string | null;
  updated_at: string;
  updated_by: string;
}

/** What no two registered clusters share: `name …` in lower case, and `agent …` for each agent known at registration. */
interface ClusterClaimTable {
  claim: string;
  cluster_id: string;
}

/** A cluster's lock, and the count of what happened to it (`cluster-lock.ts`). Outlives the cluster. */
interface ClusterTurnTable {
  cluster_id: string;
  turn: number;
  /** The turn in which its registration was taken away; 0: it is there, or was never in the store. */
  removed_turn: Generated<number>;
  /** The turn in which something was changed that plans rest on: its settings, a key, who is set aside. */
  changed_turn: Generated<number>;
}

/** The public key with which an agent was first met, or last accepted. */
interface KnownKeyTable {
  cluster_id: string;
  address: string;
  fingerprint: string;
  /** Size of the key; null for one that was remembered before sizes were. */
  bits: number | null;
  since: string;
  /** Who accepted it; null when it was taken on first use. */
  accepted_by: string | null;
}

/** A member that is gone for good, on a person's word: the majority verdict leaves it out. The row goes when that ends. */
interface SetAsideTable {
  cluster_id: string;
  /** Where its observer listened: `ip:rpcPort`, whatever agent it had. */
  member: string;
  /** The name that it had on the screen then. */
  server: string;
  person: string;
  reason: string;
  since: string;
}

interface PlanTable {
  id: string;
  cluster_id: string;
  /** Who reviewed it. */
  person: string;
  created_at: string;
  fingerprint: string;
  /** JSON of the request and of the draft as it was reviewed. */
  request: string;
  draft: string;
}

/**
 * Something that is about to be sent, or was. Written before the first byte goes to an agent. The plan's id is the key, so a
 * plan goes out once; a unique index lets one intent of each kind per cluster be without an end.
 */
interface IntentTable {
  plan_id: string;
  cluster_id: string;
  /** `run`: it makes a run, or takes one up again. `operation`: it cancels or releases one. */
  kind: Generated<"run" | "operation">;
  /** Its audit entry. */
  attempt_id: string;
  person: string;
  coordinator: string;
  /** JSON of what is sent. */
  request: string;
  opened_at: string;
  /** The cluster's turns in which it began and ended; 0: it has not. Order is told by them, and by no time. */
  opened_turn: Generated<number>;
  ended_turn: Generated<number>;
  /** `open`: being sent. `unknown`: it may have arrived. `accepted`: it is `run_id`. `none`: refused, or no agent holds a run of it. */
  state: "open" | "unknown" | "accepted" | "none";
  run_id: string | null;
  /** When that run began, as its agent told: an agent that lost its store gives ids anew. null: not told yet. */
  run_began_at: Generated<string | null>;
  /** JSON list of agents that have not answered the question whether they hold its run. */
  silent: string;
  /** When the run was over, or it was clear that there is none; null while it goes on. The cluster is free from then on. */
  ended_at: string | null;
  /** When its end was in the audit, with what became of the servers; null while somebody has to look after it. */
  recorded_at: string | null;
  /** JSON of what the audit has been told about the run so far, and of what became of each request of an operation. */
  progress: Generated<string>;
  /** JSON list of targets that were seen serving after the stop, or whose zone was started from here. */
  back: Generated<string>;
  /** 1: it is a stop of zones as zones, and not all of its targets are back. It is remembered for as long as that is so. */
  zone_stop: Generated<number>;
  /** The process that looks after it, and until when the others leave it alone, as `leaseEnd` counts. */
  holder: string;
  held_until: number;
}

/** A second person's word on a critical plan (ux C-13). */
interface ApprovalTable {
  id: string;
  plan_id: string;
  cluster_id: string;
  requested_by: string;
  reason: string;
  requested_at: string;
  expires_at: string;
  decided_by: string | null;
  decided_at: string | null;
  decision: "approved" | "declined" | null;
}

/** Append-only: triggers refuse every update and delete. `hash` covers all other columns. */
interface AuditTable {
  /** 1, 2, 3 … without a gap. */
  seq: number;
  /** The attempt that this line belongs to. */
  attempt_id: string;
  at: string;
  event: string;
  action: string;
  person: string;
  /** null for what concerns the console itself. */
  cluster_id: string | null;
  run_id: string | null;
  /** 1 on the first line of an attempt, which tells who, what and why. */
  is_first: number;
  is_force: number;
  is_failure: number;
  /** JSON of the whole line. */
  line: string;
  /** `hash` of the line before; 64 zeros for the first. */
  previous: string;
  hash: string;
}

/** The one row that knows how long the chain is, so that a cut-off end is seen. */
interface AuditHeadTable {
  id: number;
  seq: number;
  hash: string;
}

interface RoleGrantTable {
  user_id: string;
  role: string;
  /** `global`, `environment` or `cluster`; `target` names which, and is empty for global. */
  level: string;
  target: string;
}

/**
 * A data key, sealed with the master key. What is secret in the store is sealed with the newest data key that opens;
 * so another master key means sealing these few rows anew, and a master key that comes back opens what it sealed.
 */
interface KeyCheckTable {
  id: number;
  sealed: string;
}

/**
 * The tables of better-auth, as far as we read or write them ourselves. Its times are texts on one engine and dates on
 * the other; ISO 8601 is taken by both. Its flags are numbers on one and booleans on the other.
 */
type TheirTime = ColumnType<string | Date, string, string>;
type TheirFlag = number | boolean;

interface UserTable {
  id: string;
  name: string;
  email: string;
  emailVerified: TheirFlag;
  createdAt: TheirTime;
  updatedAt: TheirTime;
  /** What they sign in with, in lower case; `name@provider` for those who come by single sign-on. */
  username: string | null;
  displayUsername: string | null;
  twoFactorEnabled: TheirFlag | null;
}

interface SessionTable {
  id: string;
  token: string;
  userId: string;
  createdAt: TheirTime;
  expiresAt: TheirTime;
  ipAddress: string | null;
  userAgent: string | null;
  /** ISO 8601 of when they last proved who they are, by signing in or by stepping up. */
  provenAt: string | null;
}

interface AccountTable {
  id: string;
  accountId: string;
  /** `credential` for a password, else the id of the single sign-on. */
  providerId: string;
  userId: string;
  password: string | null;
  /** Of the last single sign-on; the library has verified it. */
  idToken: string | null;
  createdAt: TheirTime;
  updatedAt: TheirTime;
}

interface VerificationTable {
  identifier: string;
  value: string;
}

interface TwoFactorTable {
  userId: string;
  /** Encrypted by better-auth with the key `storeKey("sign-in")`. */
  secret: string;
}

/** What we know of a user besides. Everyone who may sign in has a row. */
interface PersonTable {
  user_id: string;
  /** 1: somebody else has seen the password; it lets them in only to choose another. */
  password_is_one_time: number;
  deactivated_at: string | null;
}

/** The one row that tells which store this is; a restore gives it another id, so that what it replaced is known as another. */
interface StoreIdentityTable {
  id: number;
  store: string;
  /** ISO 8601 of when it came out of a backup, and the name of that file. */
  restored_at: string | null;
  restored_from: string | null;
  /** JSON of how many plans, intents and approvals were closed by that. */
  closed: string | null;
  /** The administrator who has taken note of it; null while nobody has. */
  acknowledged_by: string | null;
}

/** Failed attempts in a row for a name that was typed, whether or not there is such a person. Unix ms. */
interface SignInTryTable {
  name: string;
  failures: number;
  last_at: number;
  locked_until: number;
}
