"use client";

import { useQuery } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { useEffect, useId, useRef } from "react";
import { useModal } from "@/components/lifecycle/use-modal";
import { getJson } from "@/lib/get-json";
import type { SignInProvider } from "@/lib/auth/schema";
import { ProviderLinks } from "./provider-links";
import { SignInForm } from "./sign-in-form";

/**
 * Over any page whose session has ended (ux §19): everything below stays as it was. Also goes away when somebody signed
 * in elsewhere in this browser: in another tab, or through a single sign-on that opened one.
 */
export function SignInDialog({ name, onDone }: { name: string; onDone: (name: string) => void }) {
  const t = useTranslations("account.signedOut");
  const id = useId();
  const dialog = useRef<HTMLDialogElement>(null);
  const modal = useModal(dialog, true, () => undefined);
  const providers = useQuery({
    queryKey: ["sign-in-providers"],
    queryFn: ({ signal }) => getJson<SignInProvider[]>("/api/auth/providers", signal),
  });

  useEffect(() => {
    const look = () => {
      if (document.visibilityState === "hidden") return;
      getJson<string | null>("/api/auth/who").then(
        (who) => (who === null ? undefined : onDone(who)),
        () => undefined,
      );
    };
    window.addEventListener("focus", look);
    document.addEventListener("visibilitychange", look);
    return () => {
      window.removeEventListener("focus", look);
      document.removeEventListener("visibilitychange", look);
    };
  }, [onDone]);

  return (
    <dialog
      ref={dialog}
      onKeyDown={modal.onKeyDown}
      onCancel={modal.onCancel}
      onClose={modal.onClose}
      aria-labelledby={`${id}title`}
      aria-describedby={`${id}lead`}
      className="m-auto w-[min(26rem,calc(100vw-2rem))] rounded-[5px] border border-line-strong bg-panel p-5 text-ink shadow-(--shadow)"
    >
      <h2 id={`${id}title`} className="text-lg leading-tight">
        {t("title")}
      </h2>
      <p id={`${id}lead`} className="mt-1 mb-4 text-ink-2">
        {t("lead")}
      </p>
      <SignInForm name={name} next="/" onDone={onDone} />
      <ProviderLinks providers={providers.data ?? []} next="/login/done" inNewWindow />
    </dialog>
  );
}
