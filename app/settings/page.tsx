import { getTranslations } from "next-intl/server";
import Link from "next/link";
import { OwnRoles } from "@/components/account/own-roles";
import { PasswordChange } from "@/components/account/password-change";
import { PermissionTable } from "@/components/account/permission-table";
import { SecondFactor } from "@/components/account/second-factor";
import { Section } from "@/components/account/section";
import { Sessions } from "@/components/account/sessions";
import { PlainHeader } from "@/components/layout/plain-header";
import { ownSessions } from "@/lib/auth/own-account";
import { may } from "@/lib/auth/permissions";
import { hasPassword } from "@/lib/auth/prove";
import { openPage, visibleClusters } from "@/lib/gate/page";
import { places } from "./places";

export default async function SettingsPage() {
  const person = await openPage();
  const [t, isLocal, sessions] = await Promise.all([
    getTranslations("account.settings"),
    hasPassword(person.id),
    ownSessions(person),
  ]);
  return (
    <>
      <PlainHeader />
      <main className="mx-auto max-w-4xl px-4 py-10 max-sm:py-6">
        <div className="mb-6 flex flex-wrap items-baseline justify-between gap-x-6 gap-y-2">
          <h1 className="text-2xl">{t("title")}</h1>
          {may(person.grants, "person.manage") ? (
            <Link href="/settings/people" prefetch={false} className="underline underline-offset-4">
              {t("people")}
            </Link>
          ) : null}
        </div>
        <Section title={person.name} lead={t("youLead")}>
          <OwnRoles grants={person.grants} places={places(visibleClusters(person))} />
        </Section>
        {isLocal ? (
          <Section title={t("password.title")} lead={t("password.lead")}>
            <PasswordChange name={person.name} />
          </Section>
        ) : null}
        <Section title={t("totp.title")} lead={t("totp.lead")}>
          <SecondFactor isOn={person.hasTotp} hasPassword={isLocal} />
        </Section>
        <Section title={t("sessions.title")} lead={t("sessions.lead")}>
          <Sessions sessions={sessions} />
        </Section>
        <Section title={t("permissions.title")} lead={t("permissions.lead")}>
          <PermissionTable />
        </Section>
      </main>
    </>
  );
}
