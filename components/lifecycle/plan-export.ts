import { csvTable } from "@/lib/csv";
import { compareAddresses } from "@/lib/lifecycle/impact";
import type { Plan } from "@/lib/lifecycle/schema";

/** By zone, then in address order (ux G-2). */
export const targetsInOrder = (plan: Plan): Plan["targets"] =>
  [...plan.targets].sort(
    (left, right) => compareAddresses(left.zone, right.zone) || compareAddresses(left.address, right.address),
  );

type Listed = Pick<Plan, "cluster"> & { target: Plan["targets"][number] };

const TABLE = csvTable<Listed>({
  environment: ({ cluster }) => cluster.environment,
  cluster: ({ cluster }) => cluster.name,
  zone: ({ target }) => target.zone,
  address: ({ target }) => target.address,
  state: ({ target }) => target.state,
  agent_answers: ({ target }) => (target.agentAnswers ? "yes" : "no"),
  root_service: ({ target }) => (target.rootServer ? "yes" : "no"),
});

export const targetsAsCsv = (plan: Plan): string =>
  TABLE.header +
  targetsInOrder(plan)
    .map((target) => TABLE.row({ cluster: plan.cluster, target }))
    .join("");

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
