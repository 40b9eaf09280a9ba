"use client";

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useFormatter, useTranslations } from "next-intl";
import { Banner } from "@/components/ui/banner";
import { Button } from "@/components/ui/button";
import { CLOCK } from "@/components/ui/date-formats";
import { Glyph } from "@/components/ui/state-mark";
import type { ChainState } from "@/lib/audit/schema";
import { getJson } from "@/lib/get-json";
import { searchOf } from "./audit-query";
import { utc } from "./use-attempt-words";

/** Whether the record is whole: asked for after the page is there, because a long one takes its time to read. */
export function ChainNote({ cluster }: { cluster: string | undefined }) {
  const t = useTranslations("audit.chain");
  const format = useFormatter();
  const queries = useQueryClient();
  const key = ["audit-chain", cluster];
  const read = (whole: boolean) => () =>
    getJson<ChainState>(`/api/audit/chain${searchOf({ cluster })}${whole ? `${cluster ? "&" : "?"}whole=1` : ""}`);
  const { data, isError, isFetching } = useQuery({ queryKey: key, queryFn: read(false) });
  const time = (at: string) => format.dateTime(new Date(at), CLOCK);
  if (data?.broken)
    return (
      <div className="basis-full py-2">
        <Banner tone="fail" live>
          <p className="font-semibold">{t("broken", { seq: data.broken.seq })}</p>
          <p>{t(`fault.${data.broken.fault}`, { seq: data.broken.seq })}</p>
          <p>{t("next")}</p>
        </Banner>
      </div>
    );
  return (
    <p className="flex flex-wrap items-center gap-x-2 text-sm text-ink-2" role="status">
      {data ? (
        <>
          <Glyph mark="done" />
          <span title={`${t("wholeAt", { time: utc(data.wholeAt) })}`}>
            {t("holds", { n: data.count, time: time(data.checkedAt) })}
          </span>
          <Button
            look="quiet"
            blocked={isFetching}
            className="min-h-7! px-2! py-0! text-sm font-normal! max-sm:min-h-11!"
            onClick={() =>
              void queries.fetchQuery({ queryKey: key, queryFn: read(true), staleTime: 0 }).catch(() => null)
            }
          >
            {t("whole")}
          </Button>
        </>
      ) : (
        <span className="inline-flex min-h-7 items-center">{t(isError ? "unread" : "reading")}</span>
      )}
    </p>
  );
}
