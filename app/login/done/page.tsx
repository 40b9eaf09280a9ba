import { getTranslations } from "next-intl/server";
import { openPage } from "@/lib/gate/page";

/** Where a single sign-on ends that was opened beside another page. */
export default async function SignedInPage() {
  await openPage();
  const t = await getTranslations("account.signIn");
  return (
    <main className="mx-auto max-w-sm px-4 py-16">
      <h1 className="text-2xl">{t("done")}</h1>
      <p className="mt-2">{t("doneNext")}</p>
    </main>
  );
}
