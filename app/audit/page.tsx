import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { AuditLog } from "@/components/audit/audit-log";
import { PlainHeader } from "@/components/layout/plain-header";
import { FailureNote } from "@/components/ui/failure-note";
import { findAttempts } from "@/lib/audit/read-attempts";
import { auditQuerySchema, unreadSpan } from "@/lib/audit/schema";
import { may } from "@/lib/auth/permissions";
import { firstRead, openPage, visibleClusters } from "@/lib/gate/page";
import { withInstants } from "./span";

const PAGE = 50;

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("audit");
  return { title: `${t("title")} — Standdown` };
}

export default async function AuditPage({
  searchParams,
}: {
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}) {
  const person = await openPage();
  const search = await searchParams;
  const query = await withInstants(auditQuerySchema.parse(search));
  const clusters = visibleClusters(person);
  // Whoever sees every cluster sees those that are gone as well.
  const seesAll = may(person.grants, "cluster.view");
  const hasConsole = may(person.grants, "audit.view-all");
  const scope = { clusters: seesAll ? ("all" as const) : clusters.map(({ id }) => id), console: hasConsole };
  const read = await firstRead(() => findAttempts(scope, query, PAGE));
  const chosen = clusters.find(({ id }) => id === query.cluster) ?? null;
  return (
    <>
      <PlainHeader />
      <main>
        {read.ok ? (
          <AuditLog
            cluster={null}
            clusters={clusters}
            attempts={read.value.attempts}
            query={query}
            unread={unreadSpan(search)}
            next={read.value.next}
            hasConsole={hasConsole}
            chainBy={seesAll ? undefined : clusters[0]?.id}
            mayExport={may(person.grants, "audit.export", chosen)}
          />
        ) : (
          <FailureNote failure={read.failure} />
        )}
      </main>
    </>
  );
}
