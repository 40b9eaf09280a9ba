"use client";

import { useState, type KeyboardEvent, type PointerEvent, type RefObject } from "react";

const KEY = "standdown.drawer-width";
const LEAST = 360;
const MOST = 900;
const STEP = 40;
const clamp = (width: number) => Math.round(Math.min(MOST, Math.max(LEAST, width)));

function saved(): number {
  try {
    return clamp(Number(localStorage.getItem(KEY)) || 440);
  } catch {
    return 440;
  }
}

/** Width of the drawer, by dragging its edge or with the arrow keys on it; remembered (ux D-18, B-5). */
export function useDrawerWidth(drawer: RefObject<HTMLElement | null>) {
  const [width, setWidth] = useState(saved);
  const set = (next: number) => {
    setWidth(clamp(next));
    try {
      localStorage.setItem(KEY, String(clamp(next)));
    } catch {
      // Only the memory of a width is lost.
    }
  };
  const handle = {
    role: "separator",
    "aria-orientation": "vertical" as const,
    "aria-valuenow": width,
    "aria-valuemin": LEAST,
    "aria-valuemax": MOST,
    tabIndex: 0,
    onPointerDown: (event: PointerEvent) => event.currentTarget.setPointerCapture(event.pointerId),
    onPointerMove: (event: PointerEvent) => {
      const right = drawer.current?.getBoundingClientRect().right;
      if (right !== undefined && event.currentTarget.hasPointerCapture(event.pointerId)) set(right - event.clientX);
    },
    onDoubleClick: () => set(width > 600 ? 440 : 760),
    onKeyDown: (event: KeyboardEvent) => {
      if (event.key === "ArrowLeft") set(width + STEP);
      if (event.key === "ArrowRight") set(width - STEP);
    },
  };
  return { width, handle };
}
