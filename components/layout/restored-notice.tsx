"use client";

import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { useSending } from "@/components/account/use-sending";
import { Banner } from "@/components/ui/banner";
import { Button } from "@/components/ui/button";
import { FailureNote } from "@/components/ui/failure-note";
import { useMoment } from "@/components/ui/use-moment";
import type { Result } from "@/lib/errors";

/** Tells an administrator that the store came out of a backup, until one of them has taken note of it. */
export function RestoredNotice({
  notice: { at, from, closed },
  onNoted,
}: {
  notice: { at: string; from: string; closed: { plans: number; intents: number; approvals: number } };
  onNoted: (nothing: null) => Promise<Result<null>>;
}) {
  const t = useTranslations("common.restored");
  const moment = useMoment("minute");
  const router = useRouter();
  const { isBusy, failure, send } = useSending();
  const note = async () => {
    if (await send(() => onNoted(null))) router.refresh();
  };
  return (
    <div className="px-4 pt-3">
      <Banner tone="decide">
        <p className="font-semibold">{t("title", { from, time: moment(at) })}</p>
        <p>{t("what", closed)}</p>
        <p>{t("next")}</p>
        {failure ? <FailureNote failure={failure} /> : null}
        <Button onClick={() => void note()} aria-busy={isBusy || undefined}>
          {t("noted")}
        </Button>
      </Banner>
    </div>
  );
}
