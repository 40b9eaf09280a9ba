"use client";

import { useTranslations } from "next-intl";
import { useRouter } from "next/navigation";
import { useId, useState, type FormEvent } from "react";
import { Button } from "@/components/ui/button";
import { FailureNote } from "@/components/ui/failure-note";
import type { Failure, Result } from "@/lib/errors";
import { isNameTyped } from "@/lib/clusters/typed-name";
import { INPUT } from "./field";

/** Forgets a cluster, once its name has been typed. */
export function RemoveCluster({
  clusterId,
  name,
  isHidden,
  remove,
}: {
  clusterId: string;
  name: string;
  /** The store's cluster of an id that the configuration file has as well. */
  isHidden: boolean;
  remove: (what: { clusterId: string; typedName: string }) => Promise<Result<null>>;
}) {
  const t = useTranslations("clusters.remove");
  const router = useRouter();
  const id = useId();
  const [isOpen, setOpen] = useState(false);
  const [typedName, setTypedName] = useState("");
  const [isSending, setSending] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);
  const isBlocked = !isNameTyped(typedName, name) || isSending;
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (isBlocked) return;
    setSending(true);
    const answer = await remove({ clusterId, typedName }).catch(
      () => ({ ok: false, failure: { kind: "console-unreachable" } }) as const,
    );
    setSending(false);
    if (answer.ok) router.push("/clusters");
    else setFailure(answer.failure);
  };
  return (
    <section className="space-y-2 border-t pt-4">
      <h2 className="text-lg">{t("title")}</h2>
      {isHidden ? <p>{t("hidden")}</p> : null}
      <p className="text-ink-2">{t("lead")}</p>
      {failure ? <FailureNote failure={failure} /> : null}
      {isOpen ? (
        <form onSubmit={(event) => void submit(event)} className="max-w-md space-y-2">
          <label htmlFor={id} className="text-ink-2">
            {t("type", { cluster: name })}
          </label>
          <input
            id={id}
            value={typedName}
            autoComplete="off"
            autoCapitalize="off"
            spellCheck={false}
            onChange={(event) => setTypedName(event.currentTarget.value)}
            className={`${INPUT} font-mono`}
          />
          <div className="flex flex-wrap gap-2">
            <Button onClick={() => setOpen(false)}>{t("keep")}</Button>
            <Button type="submit" look="primary" blocked={isBlocked}>
              {isSending ? t("removing") : t("go", { name })}
            </Button>
          </div>
        </form>
      ) : (
        <Button onClick={() => setOpen(true)}>{t("open", { name })}</Button>
      )}
    </section>
  );
}
