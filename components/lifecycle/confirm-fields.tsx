"use client";

import { useTranslations } from "next-intl";
import { useState } from "react";
import type { Plan } from "@/lib/lifecycle/schema";
import { FIELD } from "./field";
import { useAboveKeyboard } from "./use-above-keyboard";
import type { useTypedName } from "./use-typed-name";

/** What the tier asks for, and nothing else (ux C-6). A routine stop asks nothing; a reason may still be given. */
export function ConfirmFields({
  plan,
  name,
  reason,
  onReason,
  isAsked,
  isLocked,
  ids,
}: {
  plan: Plan;
  name: ReturnType<typeof useTypedName>;
  reason: string;
  onReason: (reason: string) => void;
  /** A second person was asked with this reason: it stays as it is. */
  isAsked: boolean;
  isLocked: boolean;
  ids: string;
}) {
  const t = useTranslations("plan.confirm");
  const aboveKeyboard = useAboveKeyboard();
  const [wanted, setWanted] = useState<"given" | "asked for" | null>(reason === "" ? null : "given");
  const [left, setLeft] = useState(false);
  const isRequired = plan.tier >= 2;
  const isShort = left && isRequired && reason.trim() !== "" && reason.trim().length < 5;
  return (
    <div className="border-t pt-2.5">
      {isRequired || wanted !== null ? (
        <div data-field="" className="grid grid-cols-[6.5rem_minmax(0,1fr)] items-center gap-x-3 max-sm:grid-cols-1">
          <label htmlFor={`${ids}reason`} className="flex items-center self-stretch text-sm text-ink-2">
            {t("reason")}
          </label>
          <input
            id={`${ids}reason`}
            value={reason}
            onChange={(event) => onReason(event.currentTarget.value)}
            autoFocus={wanted === "asked for"}
            onFocus={aboveKeyboard}
            onBlur={() => setLeft(true)}
            readOnly={isLocked || isAsked}
            required={isRequired}
            aria-invalid={isShort || undefined}
            aria-describedby={`${ids}reasonhint`}
            maxLength={2_000}
            placeholder={t("reasonExample")}
            autoComplete="off"
            className={FIELD}
          />
          <p id={`${ids}reasonhint`} className="text-sm text-ink-2 sm:col-start-2">
            {isAsked
              ? t("reasonAsked")
              : isShort
                ? t("reasonShort")
                : t(isRequired ? "reasonRequired" : "reasonOptional")}
          </p>
        </div>
      ) : (
        <button
          type="button"
          onClick={() => setWanted("asked for")}
          className="min-h-6 rounded-[3px] text-sm text-ink-2 underline underline-offset-2 hover:text-ink max-sm:min-h-11"
        >
          {t("reasonAdd")}
        </button>
      )}
      {plan.tier === 3 ? (
        <div data-field="" className="mt-2">
          <label htmlFor={`${ids}name`} className="text-sm text-ink-2">
            {t.rich("type", {
              cluster: plan.cluster.name,
              name: (chunks) => (
                <strong translate="no" className="font-mono font-semibold wrap-anywhere text-ink">
                  {chunks}
                </strong>
              ),
            })}
          </label>
          <input
            id={`${ids}name`}
            {...name.field}
            onFocus={aboveKeyboard}
            readOnly={isLocked}
            required
            aria-invalid={name.showMismatch || undefined}
            aria-describedby={`${ids}mismatch`}
            autoComplete="off"
            autoCapitalize="off"
            autoCorrect="off"
            spellCheck={false}
            data-1p-ignore=""
            data-lpignore="true"
            className={`${FIELD} mt-0.5 font-mono`}
          />
          <p id={`${ids}mismatch`} role="status" className="text-sm">
            {name.showMismatch ? t("mismatch", { cluster: plan.cluster.name }) : ""}
          </p>
        </div>
      ) : null}
    </div>
  );
}
