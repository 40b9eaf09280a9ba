"use client";

import { useEffect, useRef } from "react";

const IDLE_MS = 10_000;
const INPUTS = ["pointerdown", "wheel", "keydown", "touchmove"] as const;

/** Brings the first failure into view if nobody has touched the page for a while; never moves focus (ux D-15). */
export function useFirstFailure(failures: number, show: () => void): void {
  const touched = useRef(0);
  const before = useRef(failures);
  useEffect(() => {
    const touch = () => {
      touched.current = Date.now();
    };
    touch();
    INPUTS.forEach((name) => document.addEventListener(name, touch, { passive: true }));
    return () => INPUTS.forEach((name) => document.removeEventListener(name, touch));
  }, []);
  useEffect(() => {
    const isFirst = before.current === 0 && failures > 0;
    before.current = failures;
    if (isFirst && Date.now() - touched.current > IDLE_MS) show();
  });
}
