import Link from "next/link";
import { getTranslations } from "next-intl/server";
import { isOwnHost } from "@/lib/gate/door";

export default async function ForbiddenPage() {
  const isOwn = await isOwnHost();
  const t = await getTranslations();
  return (
    <main className="mx-auto max-w-xl px-4 py-20">
      <h1 className="text-2xl">{t(isOwn ? "common.forbidden.what" : "errors.host-refused.what")}</h1>
      <p className="mt-2">{t(isOwn ? "common.forbidden.next" : "errors.host-refused.next")}</p>
      {isOwn ? (
        <p className="mt-6">
          <Link href="/clusters" className="underline underline-offset-4">
            {t("common.nav.clusters")}
          </Link>
        </p>
      ) : null}
    </main>
  );
}
