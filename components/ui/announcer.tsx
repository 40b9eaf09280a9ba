"use client";

import { useLocale } from "next-intl";
import { createContext, useCallback, useContext, useRef, useState, type ReactNode } from "react";

type Announce = (message: string, how?: "polite" | "assertive") => void;
const AnnounceContext = createContext<Announce>(() => undefined);

/** Says a message once to a screen reader. Callers keep the budget of ux B-4; equal messages in a row are said once. */
export const useAnnounce = (): Announce => useContext(AnnounceContext);

export function Announcer({ children }: { children: ReactNode }) {
  const [polite, setPolite] = useState("");
  const [assertive, setAssertive] = useState("");
  const last = useRef("");
  const locale = useLocale();
  const [spokenIn, setSpokenIn] = useState(locale);
  if (spokenIn !== locale) {
    // What was said stays said; it is not left behind in the language of before.
    setSpokenIn(locale);
    setPolite("");
    setAssertive("");
  }
  const announce = useCallback<Announce>((message, how = "polite") => {
    if (message === last.current) return;
    last.current = message;
    if (how === "assertive") setAssertive(message);
    else setPolite(message);
  }, []);
  return (
    <AnnounceContext value={announce}>
      {children}
      <div role="status" className="sr-only">
        {polite}
      </div>
      <div role="alert" className="sr-only">
        {assertive}
      </div>
    </AnnounceContext>
  );
}
