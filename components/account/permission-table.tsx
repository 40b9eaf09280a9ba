"use client";

import { useTranslations } from "next-intl";
import { PERMISSIONS, ROLES, type Permission } from "@/lib/auth/permissions";
import type { Role } from "@/lib/auth/schema";

/** The very table that the server side asks, in words. */
export function PermissionTable() {
  const t = useTranslations("account");
  const words: Record<Permission, string> = {
    "cluster.view": t("permission.view"),
    "audit.export": t("permission.export"),
    "cluster.stop": t("permission.stop"),
    "plan.approve": t("permission.approve"),
    "intent.close": t("permission.close"),
    "member.set-aside": t("permission.setAside"),
    "member.take-back": t("permission.takeBack"),
    "agent.trust-key": t("permission.trustKey"),
    "cluster.change": t("permission.changeCluster"),
    "cluster.add": t("permission.addCluster"),
    "person.manage": t("permission.people"),
    "audit.view-all": t("permission.auditAll"),
  };
  const rows = Object.entries(PERMISSIONS) as [Permission, { on: string; roles: readonly Role[] }][]; // its own keys
  return (
    <div className="overflow-x-auto">
      <table className="w-full text-left">
        <thead>
          <tr className="border-b text-sm text-ink-2">
            <th scope="col" className="py-1.5 pr-4 font-medium">
              {t("permission.what")}
            </th>
            {ROLES.map((role) => (
              <th key={role} scope="col" className="px-2 py-1.5 text-center font-medium whitespace-nowrap">
                {t(`role.${role}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(([permission, { on, roles }]) => (
            <tr key={permission} className="border-b">
              <th scope="row" className="py-1.5 pr-4 font-normal">
                {words[permission]}
                {on === "console" ? <span className="text-sm text-ink-2"> · {t("permission.everywhere")}</span> : null}
              </th>
              {ROLES.map((role) => (
                <td key={role} className="px-2 text-center">
                  <span aria-hidden="true" className={roles.includes(role) ? "font-semibold" : "text-ink-3"}>
                    {roles.includes(role) ? "✓" : "–"}
                  </span>
                  <span className="sr-only">{t(roles.includes(role) ? "permission.yes" : "permission.no")}</span>
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
