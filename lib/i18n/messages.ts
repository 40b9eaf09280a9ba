import type { Locale } from "./locale";
import enAccount from "./messages/en/account.json";
import enAudit from "./messages/en/audit.json";
import enClusters from "./messages/en/clusters.json";
import enCommon from "./messages/en/common.json";
import enErrors from "./messages/en/errors.json";
import enPlan from "./messages/en/plan.json";
import enRun from "./messages/en/run.json";
import enTopology from "./messages/en/topology.json";
import zhAccount from "./messages/zh/account.json";
import zhAudit from "./messages/zh/audit.json";
import zhClusters from "./messages/zh/clusters.json";
import zhCommon from "./messages/zh/common.json";
import zhErrors from "./messages/zh/errors.json";
import zhPlan from "./messages/zh/plan.json";
import zhRun from "./messages/zh/run.json";
import zhTopology from "./messages/zh/topology.json";

const en = {
  clusters: enClusters,
  common: enCommon,
  errors: enErrors,
  topology: enTopology,
  plan: enPlan,
  run: enRun,
  audit: enAudit,
  account: enAccount,
};
export type Messages = typeof en;

/** The Chinese tree has the type of the English one, so a key that is missing on one side fails the build (ux I-1). */
const zh: Messages = {
  clusters: zhClusters,
  common: zhCommon,
  errors: zhErrors,
  topology: zhTopology,
  plan: zhPlan,
  run: zhRun,
  audit: zhAudit,
  account: zhAccount,
};

export const MESSAGES: Record<Locale, Messages> = { en, zh };

declare module "next-intl" {
  interface AppConfig {
    Messages: Messages;
    Locale: Locale;
  }
}
