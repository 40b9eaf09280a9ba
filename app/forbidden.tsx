import { getTranslations } from "next-intl/server";

export default async function ForbiddenPage() {
  const t = await getTranslations("errors.host-refused");
  return (
    <main className="mx-auto max-w-xl px-4 py-20">
      <h1 className="text-2xl">{t("what")}</h1>
      <p className="mt-2">{t("next")}</p>
    </main>
  );
}
