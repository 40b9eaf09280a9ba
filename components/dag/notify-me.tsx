"use client";

import { useTranslations } from "next-intl";
import { useEffect, useRef, useState } from "react";
import { Button } from "@/components/ui/button";
import type { Run } from "@/lib/tasks/schema";
import { isOver } from "./headline";
import { useHeadline } from "./use-headline";

type Stand = "off" | "on" | "denied";

/** What the notification tells about; null while the run goes on. */
const newsOf = (run: Run): string | null =>
  run.state === "UNKNOWN" ? "UNKNOWN" : isOver(run) ? `${run.state} ${run.endedAt}` : null;

/** Tells by the system's own notification when the run has ended, failed or become unknown (ux D-26). */
export function NotifyMe({ run }: { run: Run }) {
  const t = useTranslations("run.notify");
  const [stand, setStand] = useState<Stand>("off");
  const headline = useHeadline(run);
  const told = useRef(newsOf(run));
  const news = newsOf(run);
  const { name, environment } = run.cluster;
  const { done, failed, total } = run.counts;
  const title = `${headline} · ${name} [${environment}]`;
  const body = t("body", { done, failed, total });
  useEffect(() => {
    const isNew = news !== told.current;
    told.current = news;
    if (stand !== "on" || !isNew || news === null) return;
    show(title, { body, tag: run.id });
  }, [stand, news, title, body, run.id]);

  if (isOver(run) || !("Notification" in window)) return null;
  // The browser asks the person here, and nowhere else.
  const ask = async () => setStand((await Notification.requestPermission()) === "granted" ? "on" : "denied");
  return (
    <>
      <Button
        look="quiet"
        className="min-h-7! py-0.5! max-sm:min-h-11!"
        aria-pressed={stand === "on"}
        onClick={() => (stand === "on" ? setStand("off") : void ask())}
      >
        {t(stand === "on" ? "stop" : "label")}
      </Button>
      <span role="status" className="text-sm text-ink-2">
        {stand === "off" ? null : t(stand)}
      </span>
    </>
  );
}

function show(title: string, options: NotificationOptions): void {
  try {
    const shown = new Notification(title, options);
    shown.onclick = () => {
      window.focus();
      shown.close();
    };
  } catch {
    // Some phones show notifications of installed applications only; title and sign of the tab still tell.
  }
}
