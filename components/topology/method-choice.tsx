"use client";

import { useTranslations } from "next-intl";
import { useId, useRef } from "react";
import { useMethod } from "@/components/lifecycle/selection-store";
import { useAnnounce } from "@/components/ui/announcer";
import type { Block, Impact, Method } from "@/lib/lifecycle/schema";
import { useBlockText } from "./use-review";

const CHOICES = ["stop", "terminate"] as const;
/** What rules a method out whatever is selected otherwise (ux F-4, F-5). */
const RULES: ReadonlySet<Block["reason"]> = new Set([
  "spans-zones",
  "other-zone-stopped",
  "global-needs-mode",
  "database-unreachable",
]);

/**
 * How the servers are stopped. Each label says what happens (ux F-0); the console never moves the choice to a harsher
 * method by itself, and Force begins off every time (P5).
 */
export function MethodChoice({ clusterId, impact, ruled }: { clusterId: string; impact: Impact; ruled: Block[] }) {
  const t = useTranslations("topology.method");
  const [method, setMethod] = useMethod(clusterId);
  const announce = useAnnounce();
  const gentle = useRef<Method>("stop");
  const force = method === "force";
  const id = useId();
  const isOneZone = impact.scope?.type === "ZONE" && impact.scope.target.length === 1;
  const why = {
    stop: ruled.filter((block) => RULES.has(block.reason)),
    terminate: ruled.filter((block) => block.reason === "database-unreachable"),
  };
  const help = { stop: t("stopHelp"), terminate: t(isOneZone ? "terminateZone" : "terminateHelp") };
  const switchForce = () => {
    if (!force) gentle.current = method;
    setMethod(force ? gentle.current : "force");
    announce(t(force ? "forceOff" : "forceOn"));
  };
  return (
    <>
      {force ? (
        <p className="border-t py-2">
          <strong className="font-semibold">{t("forceHelp")}</strong>{" "}
          <span className="text-ink-2">{t("forceCost")}</span>
        </p>
      ) : (
        <fieldset className="border-t py-2">
          <legend className="sr-only">{t("title")}</legend>
          {CHOICES.map((choice) => (
            <Choice
              key={choice}
              name={id}
              label={t(choice)}
              help={help[choice]}
              chosen={method === choice}
              blocks={why[choice]}
              onChoose={() => setMethod(choice)}
            />
          ))}
        </fieldset>
      )}
      <ForceSwitch on={force} onSwitch={switchForce} />
    </>
  );
}

function Choice(props: {
  name: string;
  label: string;
  help: string;
  chosen: boolean;
  blocks: Block[];
  onChoose: () => void;
}) {
  const id = useId();
  const text = useBlockText();
  const blocked = props.blocks.length > 0;
  return (
    <div className="grid grid-cols-[1.5rem_minmax(0,1fr)] py-1">
      <input
        type="radio"
        id={id}
        name={props.name}
        checked={props.chosen}
        aria-disabled={blocked || undefined}
        aria-describedby={`${id}-help`}
        onChange={() => {
          if (!blocked) props.onChoose();
        }}
        className="mt-0.75 size-4 accent-ink max-sm:mt-3 max-sm:size-5"
      />
      <label
        htmlFor={id}
        className={`font-medium max-sm:flex max-sm:min-h-11 max-sm:items-center ${blocked ? "text-ink-2" : "cursor-pointer"}`}
      >
        {props.label}
      </label>
      <p id={`${id}-help`} className="col-start-2 text-sm text-ink-2">
        {blocked ? props.blocks.map(text).join(" ") : props.help}
      </p>
    </div>
  );
}

function ForceSwitch({ on, onSwitch }: { on: boolean; onSwitch: () => void }) {
  const t = useTranslations("topology.method");
  return (
    <div className="flex items-center gap-3 border-t py-2">
      <button
        type="button"
        role="switch"
        aria-checked={on}
        onClick={onSwitch}
        className="inline-flex min-h-9 items-center gap-2.5 rounded-[4px] font-medium max-sm:min-h-11"
      >
        <span
          aria-hidden="true"
          className={`flex h-5 w-9 rounded-[4px] border p-0.5 ${on ? "justify-end border-fail bg-fail" : "border-line-strong bg-sunken"}`}
        >
          <span className={`w-3.5 rounded-[2px] ${on ? "bg-fail-ink" : "bg-line-strong"}`} />
        </span>
        {t("force")}
        <span className={on ? "font-bold text-fail" : "text-ink-2"}>{t(on ? "on" : "off")}</span>
      </button>
    </div>
  );
}
