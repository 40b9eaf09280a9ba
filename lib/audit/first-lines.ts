import "server-only";
import { sql, type ExpressionBuilder, type ExpressionWrapper, type SqlBool } from "kysely";
import type { Database, Tables } from "../db/tables";
import { sendingAction, type AuditLine, type AuditQuery } from "./schema";

/** Whose entries a person may see: of all clusters, also of those that are gone, or of these; and the console's own. */
export interface AuditScope {
  clusters: "all" | readonly string[];
  console: boolean;
}

/** What makes a run; all else that is sent to a cluster is done with one. */
export const MAKING: readonly AuditLine["action"][] = ["cluster.stop", "cluster.start"];

/** With one of these a stop has an end that somebody wrote down. */
const ENDS: readonly AuditLine["event"][] = ["accepted", "refused", "resolved", "blocked", "finished", "closed"];

// In the statement and not beside it: an engine uses a partial index only when it can read its condition.
const IS_FIRST = sql<SqlBool>`first.is_first = 1`;
const IS_FORCE = sql<SqlBool>`first.is_force = 1`;
const IS_FAILURE = sql<SqlBool>`later.is_failure = 1`;

const begin = (db: Database) => db.selectFrom("audit as first").where(IS_FIRST);
type FirstLines = ReturnType<typeof begin>;
type Scope = ExpressionBuilder<Tables & { first: Tables["audit"] }, "first">;

/** The first lines of the attempts that a person may see and asks for. */
export function firstLines(db: Database, scope: AuditScope, query: AuditQuery): FirstLines {
  let lines = within(begin(db), scope, query);
  if (query.person !== undefined) lines = lines.where("first.person", "=", query.person);
  if (query.action !== undefined) lines = lines.where("first.action", "=", query.action);
  if (query.force) lines = lines.where(IS_FORCE);
  if (query.from !== undefined) lines = lines.where("first.at", ">=", new Date(query.from).toISOString());
  if (query.to !== undefined) lines = lines.where("first.at", "<", afterEnd(query.to));
  if (query.failed) lines = lines.where(isFailed);
  if (query.open) lines = lines.where(isOpen);
  if (query.run === undefined) return lines;
  let ofRun = db.selectFrom("audit").select("attempt_id").where("run_id", "=", query.run);
  if (query.cluster !== undefined) ofRun = ofRun.where("cluster_id", "=", query.cluster);
  return lines.where("first.attempt_id", "in", ofRun);
}

const NOTHING = sql<SqlBool>`1 = 0`;

function within(lines: FirstLines, { clusters, console }: AuditScope, query: AuditQuery): FirstLines {
  if (query.console) return lines.where(console ? sql<SqlBool>`first.cluster_id is null` : NOTHING);
  if (query.cluster !== undefined) {
    const isVisible = clusters === "all" || clusters.includes(query.cluster);
    return isVisible ? lines.where("first.cluster_id", "=", query.cluster) : lines.where(NOTHING);
  }
  if (clusters === "all") return console ? lines : lines.where("first.cluster_id", "is not", null);
  return lines.where(({ or, eb }) =>
    or([
      clusters.length > 0 ? eb("first.cluster_id", "in", clusters) : NOTHING,
      ...(console ? [eb("first.cluster_id", "is", null)] : []),
    ]),
  );
}

const later = ({ selectFrom }: Scope) =>
  selectFrom("audit as later").select("later.seq").whereRef("later.attempt_id", "=", "first.attempt_id");
type Condition = ExpressionWrapper<Tables & { first: Tables["audit"] }, "first", SqlBool>;

/** The attempt made a run. */
export const isSent = (line: Scope): Condition =>
  line.and([line("first.action", "in", MAKING), line.exists(later(line).where("later.run_id", "is not", null))]);

const isFailed = (line: Scope): Condition => line.exists(later(line).where(IS_FAILURE));

const isOpen = (line: Scope): Condition =>
  line.and([
    line("first.action", "in", sendingAction.options),
    line("first.event", "=", "opened"),
    line.not(line.exists(later(line).where("later.event", "in", ENDS))),
  ]);

/** A time without seconds means the whole minute. */
function afterEnd(to: string): string {
  const isMinute = /^[^T]*T\d\d:\d\d(?!:)/.test(to);
  return new Date(Date.parse(to) + (isMinute ? 60_000 : 1)).toISOString();
}
