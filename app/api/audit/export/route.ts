import { withInstants } from "@/app/audit/span";
import { exportAudit } from "@/lib/audit/export-audit";
import { auditExportSchema } from "@/lib/audit/schema";
import { may } from "@/lib/auth/permissions";
import { clusterCard } from "@/lib/clusters/registry";
import { defineRead } from "@/lib/gate/define-read";

const TYPES = { csv: "text/csv; charset=utf-8", json: "application/json; charset=utf-8" };

/** The entries of one cluster, or of all for whoever may see them all, with the filters of the page. */
export const GET = defineRead({
  input: auditExportSchema,
  permission: "audit.export",
  run: async ({ format, ...asked }, { person }) => {
    const query = await withInstants(asked);
    const console = may(person.grants, "audit.view-all");
    const scope = { clusters: query.cluster === undefined ? ("all" as const) : [query.cluster], console };
    const cluster = query.cluster === undefined ? null : clusterCard(query.cluster);
    const stream = await exportAudit({ format, scope, query, by: person.name, cluster });
    const name = `audit-${query.cluster ?? "all"}-${new Date().toISOString().slice(0, 10)}.${format}`;
    return new Response(stream, {
      headers: {
        "content-type": TYPES[format],
        "content-disposition": `attachment; filename="${name}"`,
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
      },
    });
  },
});
