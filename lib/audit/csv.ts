import { csvTable, type CsvValue } from "../csv";
import { keysOf } from "../keys-of";
import type { AuditRow } from "./chain";
import type { AuditLine } from "./schema";

export interface ExportedLine {
  row: Pick<AuditRow, "seq" | "previous" | "hash">;
  line: AuditLine;
}

type Columns<Item> = Record<string, (item: Item) => CsvValue>;
type ColumnsOf<Part> = { [Field in keyof Part]-?: Columns<NonNullable<Part[Field]>> };

/** Nothing of a line is left out: each field has its columns, and the types name one that has none. */
const LINE: ColumnsOf<Omit<AuditLine, "detail" | "outcome">> = {
  at: { at: String },
  id: { attempt: String },
  event: { event: String },
  action: { action: String },
  by: { person: String },
  cluster: { cluster: ({ id }) => id, clusterName: ({ name }) => name, environment: ({ environment }) => environment },
};
const COUNTS: Record<keyof NonNullable<AuditLine["detail"]["counts"]>, string> = {
  done: "done",
  failed: "failed",
  unreported: "unreported",
  cancelled: "cancelled",
  again: "startedAgain",
};
const DETAIL: ColumnsOf<AuditLine["detail"]> = {
  title: { title: String },
  method: { method: String, force: (method) => method === "force" },
  tier: { tier: Number },
  targets: { targets: (targets) => targets.join(" ") },
  outOfReach: { outOfReach: (servers) => servers.join(" ") },
  reason: { reason: String },
  approvedBy: { approvedBy: String },
  breakGlass: { breakGlass: Boolean },
  checks: { checks: (checks) => checks.map(({ id, level }) => `${id}=${level}`).join(" ") },
  fingerprint: { fingerprint: String },
  reviewedAt: { reviewedAt: String },
  planId: { plan: String },
  planned: { planned: String },
  continues: { continues: String },
  releases: { releases: (runs) => runs.join(" ") },
  request: { request: ({ method, path, body }) => `${method} ${path} ${body}` },
  coordinator: { coordinator: String },
  stage: { stage: String },
  counts: Object.fromEntries(keysOf(COUNTS).map((name) => [COUNTS[name], (counts) => counts[name]])),
  text: { text: String },
  imported: { imported: Boolean },
};
const OUTCOME: ColumnsOf<NonNullable<AuditLine["outcome"]>> = {
  runId: { run: String },
  kind: { outcome: String },
  agentCode: { agentCode: String },
  traceId: { trace: String },
};

/** The columns of every field, read from what holds the field; empty where the line has none. */
function columnsFrom<Part extends object>(
  fields: ColumnsOf<Part>,
  partOf: (line: AuditLine) => Partial<Part> | undefined,
): Columns<ExportedLine> {
  const columns = Object.entries(fields) as [keyof Part, Columns<unknown>][]; // a column takes its own field
  return Object.fromEntries(
    columns.flatMap(([field, own]) =>
      Object.entries(own).map(([name, value]) => [
        name,
        ({ line }: ExportedLine): CsvValue => {
          const held = partOf(line)?.[field];
          return held === undefined || held === null ? undefined : value(held);
        },
      ]),
    ),
  );
}

const { header, row } = csvTable<ExportedLine>({
  seq: ({ row }) => row.seq,
  ...columnsFrom(LINE, (line) => line),
  ...columnsFrom(DETAIL, ({ detail }) => detail),
  ...columnsFrom(OUTCOME, ({ outcome }) => outcome),
  previous: ({ row }) => row.previous,
  hash: ({ row }) => row.hash,
});

export const csvHeader = (): string => header;
export const csvRow = row;
