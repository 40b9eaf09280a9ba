import { getTranslations } from "next-intl/server";
import { headers } from "next/headers";
import { forbidden, redirect } from "next/navigation";
import { Login } from "@/components/account/login";
import { Preferences } from "@/components/layout/preferences";
import { Wordmark } from "@/components/layout/wordmark";
import { ZoneSelect } from "@/components/layout/zone-select";
import { currentPerson } from "@/lib/auth/current-person";
import { ownPath } from "@/lib/auth/own-path";
import { listProviders } from "@/lib/auth/providers";
import { FAILURES, type Failure, type FailureKind } from "@/lib/errors";
import { isOwnHost } from "@/lib/gate/door";

const isKind = (kind: unknown): kind is FailureKind => typeof kind === "string" && Object.hasOwn(FAILURES, kind);
const text = (value: string | string[] | undefined): string | undefined => (Array.isArray(value) ? value[0] : value);

/** The only page that needs nobody signed in. */
export default async function LoginPage({
  searchParams,
}: {
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}) {
  if (!(await isOwnHost())) forbidden();
  const asked = await searchParams;
  const next = ownPath(text(asked.next));
  if (await currentPerson(await headers())) redirect(next);
  const t = await getTranslations("account.signIn");
  const kind = text(asked.failure);
  const about = text(asked.about);
  const failure: Failure | null = isKind(kind)
    ? { kind, ...(about ? { params: { name: about, wait: about, file: about } } : {}) }
    : null;
  return (
    <>
      <header className="flex items-center gap-4 border-b bg-panel px-4 py-2">
        <Wordmark />
        <span className="flex-1" />
        <ZoneSelect where="wide" />
        <Preferences />
      </header>
      <main className="mx-auto max-w-sm px-4 py-16 max-sm:py-8">
        <h1 className="text-2xl">{t("title")}</h1>
        <p className="mt-1 mb-6 text-ink-2">{t("lead")}</p>
        <Login
          next={next}
          providers={listProviders()}
          step={text(asked.step) === "second-factor" ? "second-factor" : "password"}
          failure={failure}
        />
      </main>
    </>
  );
}
