import Link from "next/link";
import { getTranslations } from "next-intl/server";

export default async function NotFoundPage() {
  const t = await getTranslations("common.notFound");
  return (
    <main className="mx-auto max-w-xl px-4 py-20">
      <h1 className="text-2xl">{t("title")}</h1>
      <p className="mt-2">{t("next")}</p>
      <p className="mt-6">
        <Link href="/clusters" className="underline underline-offset-4">
          {t("link")}
        </Link>
      </p>
    </main>
  );
}
