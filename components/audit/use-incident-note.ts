"use client";

import { useTranslations } from "next-intl";
import { formatDuration } from "@/components/ui/duration";
import type { Attempt } from "@/lib/audit/schema";
import { incidentNote, plainText } from "./incident-note";
import { isAboutRun } from "./planned";
import { timelineOf } from "./timeline-lines";
import { useOperationWords } from "./use-operation-words";
import { useStepWords } from "./use-step-words";
import { useAttemptWords, utc } from "./use-attempt-words";

/** Puts an attempt into an incident note, with UTC times and in the language of the page. */
export function useIncidentNote(): (attempt: Attempt) => string {
  const t = useTranslations("audit");
  const words = useAttemptWords();
  const stepWords = useStepWords();
  const sayParts = useOperationWords();
  const line = (name: Parameters<typeof t>[0], value: string): [string, string] => [t(name), value];
  const gapWords = ({ at, to }: { at: string; to: string | null }) =>
    to === null
      ? t("timeline.gapOpen", { from: utc(at) })
      : t("timeline.gap", { from: utc(at), to: utc(to), length: formatDuration(Date.parse(to) - Date.parse(at)) });
  return (attempt) => {
    const { opened, outcome } = attempt;
    const { detail, cluster } = opened;
    const isOnRun = isAboutRun(opened);
    const run = outcome?.runId ? ` · ${t("label.run")} \`${outcome.runId}\`` : "";
    const refusal = [outcome?.kind, outcome?.agentCode, outcome?.traceId].filter(Boolean).map(String);
    const facts: [string, string][] = [
      ["UTC", utc(opened.at)],
      [t("label.by"), plainText(opened.by)],
      [t("title"), `${words.end(attempt)}${run}${refusal.length > 0 ? ` · ${plainText(refusal.join(" "))}` : ""}`],
      ...(detail.method ? [line("label.method", words.method(attempt))] : []),
      ...(detail.continues ? [line(isOnRun ? "label.run" : "label.continues", `\`${detail.continues}\``)] : []),
      ...(detail.releases ? [line("label.releases", detail.releases.map((run) => `\`${run}\``).join(" "))] : []),
      ...(detail.text && isOnRun ? [line("label.parts", plainText(sayParts(detail.text)))] : []),
      [t("label.tier"), detail.tier === undefined ? t("noteEmpty") : words.tier(detail.tier)],
      [t("label.reason"), plainText(detail.reason || t("label.noReason"))],
      ...(detail.approvedBy || detail.breakGlass
        ? [
            line(
              "label.secondPerson",
              detail.approvedBy ? t("note.approvedBy", { name: plainText(detail.approvedBy) }) : t("note.breakGlass"),
            ),
          ]
        : []),
      [t("label.checks"), words.checks(attempt)],
      [t("label.coordinator"), detail.coordinator ? `\`${detail.coordinator}\`` : t("noteEmpty")],
      [t("label.attempt"), `\`${attempt.id}\``],
    ];
    return incidentNote({
      title: `${words.what(attempt)}${cluster ? ` [${cluster.environment}]` : ""}`,
      facts,
      targets: { name: t("label.targets"), addresses: detail.targets ?? [] },
      request: detail.request
        ? {
            name: t("label.request"),
            text: `${detail.request.method} ${detail.request.path}\n\n${pretty(detail.request.body)}`,
          }
        : null,
      steps: {
        name: t("label.steps"),
        lines: timelineOf(attempt).map((line) => {
          if (line.kind === "gap") return plainText(gapWords(line));
          const { word, facts } = stepWords(line, opened.action);
          const by = words.by(line.kind === "reviewed" ? line.by : line.step.by);
          return [utc(line.at), word, by, facts].filter(Boolean).map(plainText).join(" · ");
        }),
      },
    });
  };
}

/** The body as it was sent, indented; anything that is no JSON is left as it is. */
export function pretty(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return body;
  }
}
