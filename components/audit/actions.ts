import type { AuditLine, SendingAction } from "@/lib/audit/schema";
import { keysOf } from "@/lib/keys-of";

type Action = AuditLine["action"];
/** `cluster`: sent to a cluster, or about one. `console`: about sign-ins, people and keys, and of no cluster. */
type Kind<Of extends Action> = Of extends SendingAction ? "sent" : "cluster" | "console";

/** Every action of the record, in the order in which they are offered. */
const KINDS: { [Of in Action]: Kind<Of> } = {
  "cluster.stop": "sent",
  "cluster.start": "sent",
  "run.cancel": "sent",
  "run.retry": "sent",
  "run.skip": "sent",
  "run.release": "sent",
  "plan.check": "cluster",
  "plan.cancel": "cluster",
  "approval.request": "cluster",
  "approval.decide": "cluster",
  "intent.close": "cluster",
  "agent.trust-key": "cluster",
  "member.set-aside": "cluster",
  "member.take-back": "cluster",
  "cluster.add": "cluster",
  "cluster.change": "cluster",
  "cluster.remove": "cluster",
  "cluster.test": "cluster",
  "audit.export": "cluster",
  "session.sign-in": "console",
  "session.refused": "console",
  "session.sign-out": "console",
  "person.add": "console",
  "person.change": "console",
  "key.rotate": "console",
  "store.restore": "console",
};

/** Whether this sends something to the agents. */
export const isSending = (action: string): action is SendingAction =>
  Object.hasOwn(KINDS, action) && KINDS[action as Action] === "sent";

/** What may be looked for: where the console's own entries are not shown, what is about clusters. */
export const actionsOf = (hasConsole: boolean): readonly Action[] =>
  keysOf(KINDS).filter((action) => hasConsole || KINDS[action] !== "console");
