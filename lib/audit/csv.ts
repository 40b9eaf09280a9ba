import type { AuditRow } from "./chain";
import type { AuditLine } from "./schema";

export interface ExportedLine {
  row: Pick<AuditRow, "seq" | "previous" | "hash">;
  line: AuditLine;
}

const COLUMNS: readonly [name: string, value: (exported: ExportedLine) => unknown][] = [
  ["seq", ({ row }) => row.seq],
  ["at", ({ line }) => line.at],
  ["attempt", ({ line }) => line.id],
  ["event", ({ line }) => line.event],
  ["action", ({ line }) => line.action],
  ["person", ({ line }) => line.by],
  ["cluster", ({ line }) => line.cluster?.id],
  ["clusterName", ({ line }) => line.cluster?.name],
  ["environment", ({ line }) => line.cluster?.environment],
  ["title", ({ line }) => line.detail.title],
  ["method", ({ line }) => line.detail.method],
  ["force", ({ line }) => (line.detail.method === undefined ? undefined : line.detail.method === "force")],
  ["tier", ({ line }) => line.detail.tier],
  ["targets", ({ line }) => line.detail.targets?.join(" ")],
  ["reason", ({ line }) => line.detail.reason],
  ["approvedBy", ({ line }) => line.detail.approvedBy],
  ["breakGlass", ({ line }) => line.detail.breakGlass],
  ["checks", ({ line }) => line.detail.checks?.map(({ id, level }) => `${id}=${level}`).join(" ")],
  ["fingerprint", ({ line }) => line.detail.fingerprint],
  ["reviewedAt", ({ line }) => line.detail.reviewedAt],
  ["request", ({ line }) => requestOf(line)],
  ["coordinator", ({ line }) => line.detail.coordinator],
  ["stage", ({ line }) => line.detail.stage],
  ["done", ({ line }) => line.detail.counts?.done],
  ["failed", ({ line }) => line.detail.counts?.failed],
  ["unreported", ({ line }) => line.detail.counts?.unreported],
  ["cancelled", ({ line }) => line.detail.counts?.cancelled],
  ["startedAgain", ({ line }) => line.detail.counts?.again],
  ["text", ({ line }) => line.detail.text],
  ["run", ({ line }) => line.outcome?.runId],
  ["outcome", ({ line }) => line.outcome?.kind],
  ["agentCode", ({ line }) => line.outcome?.agentCode],
  ["trace", ({ line }) => line.outcome?.traceId],
  ["previous", ({ row }) => row.previous],
  ["hash", ({ row }) => row.hash],
];

const requestOf = ({ detail: { request } }: AuditLine) =>
  request && `${request.method} ${request.path} ${request.body}`;

/** With the mark by which spreadsheets know UTF-8. */
export const csvHeader = (): string => `\uFEFF${csvLine(COLUMNS.map(([name]) => name))}`;

export const csvRow = (exported: ExportedLine): string => csvLine(COLUMNS.map(([, value]) => value(exported)));

/** RFC 4180: every value in quotes, lines end in CRLF. */
const csvLine = (values: readonly unknown[]): string => `${values.map(csvValue).join(",")}\r\n`;

/**
 * A spreadsheet runs a cell that begins like a formula, and what people and agents wrote stands in these. An apostrophe
 * in front makes it text.
 */
export function csvValue(value: unknown): string {
  if (value === undefined || value === null) return "";
  const text = String(value);
  const safe = /^\s*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20]|^[\t\r\n]/.test(text) ? `'${text}` : text;
  return `"${safe.replaceAll('"', '""')}"`;
}
