import { getTranslations } from "next-intl/server";
import Link from "next/link";
import { People } from "@/components/account/people";
import { PlainHeader } from "@/components/layout/plain-header";
import { listPeople } from "@/lib/auth/people";
import { openPage, visibleClusters } from "@/lib/gate/page";
import { places } from "../places";
import { addPerson, changeGrants, resetPerson, setActive } from "./actions";

export default async function PeoplePage() {
  const person = await openPage({ permission: "person.manage" });
  const [t, people] = await Promise.all([getTranslations("account.people"), listPeople()]);
  return (
    <>
      <PlainHeader />
      <main className="mx-auto max-w-4xl px-4 py-10 max-sm:py-6">
        <p className="mb-1 text-sm">
          <Link href="/settings" prefetch={false} className="underline underline-offset-4">
            {t("back")}
          </Link>
        </p>
        <h1 className="mb-6 text-2xl">{t("title")}</h1>
        <People
          people={people}
          places={places(visibleClusters(person))}
          me={person.id}
          actions={{ addPerson, changeGrants, setActive, resetPerson }}
        />
      </main>
    </>
  );
}
