import { compareAddresses } from "@/lib/lifecycle/impact";
import type { Plan } from "@/lib/lifecycle/schema";

const COLUMNS = ["environment", "cluster", "zone", "address", "state", "agent_answers", "root_service"] as const;

/** A cell that a spreadsheet neither splits nor takes for a formula. */
const cell = (value: string): string => {
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

/** By zone, then in address order (ux G-2). */
export const targetsInOrder = (plan: Plan): Plan["targets"] =>
  [...plan.targets].sort(
    (left, right) => compareAddresses(left.zone, right.zone) || compareAddresses(left.address, right.address),
  );

function targetRows(plan: Plan): Record<(typeof COLUMNS)[number], string>[] {
  return targetsInOrder(plan).map((target) => ({
    environment: plan.cluster.environment,
    cluster: plan.cluster.name,
    zone: target.zone,
    address: target.address,
    state: target.state,
    agent_answers: target.agentAnswers ? "yes" : "no",
    root_service: target.rootServer ? "yes" : "no",
  }));
}

export function targetsAsCsv(plan: Plan): string {
  const lines = targetRows(plan).map((row) => COLUMNS.map((column) => cell(row[column])).join(","));
  return `${[COLUMNS.join(","), ...lines].join("\r\n")}\r\n`;
}

export function targetsAsJson(plan: Plan): string {
  const { id, fingerprint, cluster, action, method, createdAt } = plan;
  return `${JSON.stringify({ plan: id, fingerprint, cluster, action, method, createdAt, targets: targetsInOrder(plan) }, null, 2)}\n`;
}

export const targetsAsList = (plan: Plan): string =>
  targetsInOrder(plan)
    .map((target) => target.address)
    .join("\n");

export function download(name: string, type: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: `${type};charset=utf-8` }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 1_000);
}
