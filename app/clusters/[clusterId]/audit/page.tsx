import { withInstants } from "@/app/audit/span";
import { AuditLog } from "@/components/audit/audit-log";
import { FailureNote } from "@/components/ui/failure-note";
import { findAttempts } from "@/lib/audit/read-attempts";
import { auditQuerySchema, unreadSpan } from "@/lib/audit/schema";
import { may } from "@/lib/auth/permissions";
import { clusterCard } from "@/lib/clusters/registry";
import { firstRead, openPage } from "@/lib/gate/page";

const PAGE = 50;

export default async function ClusterAuditPage({
  params,
  searchParams,
}: {
  params: Promise<{ clusterId: string }>;
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}) {
  const { clusterId } = await params;
  const person = await openPage({ clusterId });
  const search = await searchParams;
  const asked = await withInstants(auditQuerySchema.parse(search));
  const query = { ...asked, cluster: clusterId, console: undefined };
  const read = await firstRead(() => findAttempts({ clusters: [clusterId], console: false }, query, PAGE));
  if (!read.ok) return <FailureNote failure={read.failure} />;
  const card = clusterCard(clusterId);
  return (
    <AuditLog
      cluster={card}
      clusters={[]}
      attempts={read.value.attempts}
      query={query}
      unread={unreadSpan(search)}
      next={read.value.next}
      hasConsole={false}
      chainBy={clusterId}
      mayExport={may(person.grants, "audit.export", card)}
    />
  );
}
