import type { Environment } from "../clusters/schema";
import { keysOf } from "../keys-of";
import type { Grant, Role } from "./schema";

/**
 * The one table: which role may do what. The gate asks it before anything runs, and the settings page shows it.
 * `on`: a cluster permission can be granted per environment or per cluster; a console permission only globally.
 */
export const PERMISSIONS = {
  "cluster.view": { on: "cluster", roles: ["viewer", "operator", "administrator"] },
  "audit.export": { on: "cluster", roles: ["viewer", "operator", "administrator"] },
  "cluster.stop": { on: "cluster", roles: ["operator", "administrator"] },
  "plan.approve": { on: "cluster", roles: ["operator", "administrator"] },
  "intent.close": { on: "cluster", roles: ["operator", "administrator"] },
  /**
   * Whoever sets a member aside lowers what every later stop of this cluster is asked for, whoever sends it; so the
   * two-person rule and the typed name cannot be had out of the way by whoever is asked for them. Taking it back raises that.
   */
  "member.set-aside": { on: "cluster", roles: ["administrator"] },
  "member.take-back": { on: "cluster", roles: ["operator", "administrator"] },
  "agent.trust-key": { on: "cluster", roles: ["administrator"] },
  "cluster.change": { on: "cluster", roles: ["administrator"] },
  "cluster.add": { on: "console", roles: ["administrator"] },
  "person.manage": { on: "console", roles: ["administrator"] },
  /** Entries that belong to no cluster: sign-ins, people, keys. */
  "audit.view-all": { on: "console", roles: ["administrator"] },
} as const satisfies Record<string, { on: "cluster" | "console"; roles: readonly Role[] }>;

/** All roles, with less first. */
export const ROLES = keysOf<Role>({ viewer: 0, operator: 1, administrator: 2 });

export type Permission = keyof typeof PERMISSIONS;

/** What a grant has to cover. */
export interface ClusterPlace {
  id: string;
  environment: Environment;
}

const covers = (grant: Grant, place: ClusterPlace | null): boolean =>
  grant.level === "global" ||
  (place !== null && grant.target === (grant.level === "cluster" ? place.id : place.environment));

/** Whether these grants allow it; a cluster permission is asked for one cluster. */
export function may(grants: readonly Grant[], permission: Permission, place: ClusterPlace | null = null): boolean {
  const { on, roles } = PERMISSIONS[permission];
  const asked = on === "cluster" ? place : null;
  return grants.some((grant) => (roles as readonly Role[]).includes(grant.role) && covers(grant, asked));
}
