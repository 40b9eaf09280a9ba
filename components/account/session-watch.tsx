"use client";

import { useQueryClient } from "@tanstack/react-query";
import dynamic from "next/dynamic";
import { useRouter } from "next/navigation";
import { useCallback, useSyncExternalStore } from "react";
import { resetMethod } from "@/components/lifecycle/selection-store";
import { isSignedOut, tellSignedIn, watchSignedOut } from "@/lib/signed-out";

const SignInDialog = dynamic(() => import("./sign-in-dialog").then((module) => module.SignInDialog), { ssr: false });

/** Asks to sign in over the page that stands, once the server side no longer knows who is there (ux §19). */
export function SessionWatch({ name }: { name: string | null }) {
  const queries = useQueryClient();
  const router = useRouter();
  const isOut = useSyncExternalStore(watchSignedOut, isSignedOut, () => false);

  const onDone = useCallback(
    (who: string) => {
      // Somebody else must not find, or send, what the one before had picked and typed.
      if (who !== name) return startOver();
      resetMethod();
      tellSignedIn();
      void queries.invalidateQueries();
      router.refresh();
    },
    [name, queries, router],
  );
  return isOut && name !== null ? <SignInDialog name={name} onDone={onDone} /> : null;
}

/** What was picked in this tab goes with the person. */
function startOver() {
  try {
    sessionStorage.clear();
  } catch {
    // Storage is off; then nothing is kept there.
  }
  window.location.reload();
}
