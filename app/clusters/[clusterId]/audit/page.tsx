import { isShown, toFilter } from "@/components/audit/attempt-end";
import { AuditLog } from "@/components/audit/audit-log";
import { FailureNote } from "@/components/ui/failure-note";
import { attempts } from "@/lib/audit/journal";
import { clusterCard } from "@/lib/clusters/registry";
import { firstRead, openPage } from "@/lib/gate/page";

const PAGE = 50;
const MOST = 1_000;

export default async function AuditPage({
  params,
  searchParams,
}: {
  params: Promise<{ clusterId: string }>;
  searchParams: Promise<{ show?: string | string[]; limit?: string | string[] }>;
}) {
  const { clusterId } = await params;
  await openPage({ clusterId });
  const { show, limit } = await searchParams;
  const read = await firstRead(() => attempts(clusterId));
  if (!read.ok) return <FailureNote failure={read.failure} />;
  const filter = toFilter(show);
  const matching = read.value.filter((attempt) => isShown(attempt, filter));
  const count = Math.min(MOST, Math.max(PAGE, Math.trunc(Number(limit)) || 0));
  return (
    <AuditLog
      cluster={clusterCard(clusterId)}
      attempts={matching.slice(0, count)}
      matching={matching.length}
      total={read.value.length}
      filter={filter}
      nextLimit={Math.min(MOST, count + PAGE)}
    />
  );
}
