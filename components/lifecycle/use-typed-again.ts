"use client";

import { useEffect } from "react";
import { isSignedOut, watchSignedOut } from "@/lib/signed-out";

/** A Force plan does not outlive a session armed: its cluster name is typed again after signing in (ux §19, F-2). */
export function useTypedAgain(isForce: boolean, clear: () => void): void {
  useEffect(() => {
    if (!isForce) return;
    return watchSignedOut(() => {
      if (isSignedOut()) clear();
    });
  }, [isForce, clear]);
}
