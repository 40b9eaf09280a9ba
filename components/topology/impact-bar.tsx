"use client";

import { useTranslations } from "next-intl";
import { useId, useRef, useState } from "react";
import { Button } from "@/components/ui/button";
import { Glyph } from "@/components/ui/state-mark";
import { ImpactPanel, type PanelProps } from "./impact-panel";
import { ReviewArea } from "./review-area";
import { useVerdict, VERDICT_MARK } from "./use-verdict";

/** Narrow windows: count, verdict and Review in one bar at the bottom; the rest is a sheet (ux M-2). */
export function ImpactBar(props: PanelProps) {
  const t = useTranslations("topology.impact");
  const common = useTranslations("common");
  const verdict = useVerdict();
  const sheet = useRef<HTMLDialogElement>(null);
  const [open, setOpen] = useState(false);
  const id = useId();
  const { impact } = props;
  const show = () => {
    setOpen(true);
    sheet.current?.showModal();
  };
  return (
    <>
      <div className="sticky bottom-0 z-20 flex flex-wrap items-center gap-x-3 gap-y-2 border-t border-line-strong bg-panel px-4 pt-2 pb-[max(0.5rem,env(safe-area-inset-bottom))] lg:hidden">
        <button
          type="button"
          onClick={show}
          aria-haspopup="dialog"
          className="flex min-h-11 min-w-0 flex-1 flex-wrap items-center gap-x-3 rounded-[4px] text-left leading-tight max-sm:w-full max-sm:flex-none"
        >
          <span className="font-semibold">
            {t("bar", { n: impact.stopping })} <span aria-hidden="true">▴</span>
          </span>
          <span className="flex items-center gap-1 text-sm">
            <Glyph mark={VERDICT_MARK[impact.majority.verdict]} />
            {verdict(impact.majority)}
          </span>
        </button>
        <ReviewArea {...props} changed={props.changed.size} compact />
      </div>
      <dialog
        ref={sheet}
        aria-labelledby={id}
        onClose={() => setOpen(false)}
        className="m-0 mt-auto max-h-[88dvh] w-full max-w-none overflow-y-auto overscroll-contain border-t border-line-strong bg-panel px-4 pb-[max(1rem,env(safe-area-inset-bottom))] shadow-(--shadow) sm:mx-auto sm:max-w-xl sm:rounded-t-[5px] sm:border-x"
      >
        {open ? (
          <>
            <div className="sticky top-0 z-10 -mx-4 mb-2 flex items-center justify-between border-b bg-panel px-4 py-1.5">
              <h2 id={id} className="text-lg">
                {t("title")}
              </h2>
              <Button look="quiet" onClick={() => sheet.current?.close()}>
                {common("close")}
              </Button>
            </div>
            <ImpactPanel {...props} />
          </>
        ) : null}
      </dialog>
    </>
  );
}
