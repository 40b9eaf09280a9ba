"use client";

import { useEffect, useRef } from "react";

/**
 * Gives two lengths on the root: `--stick`, the height of the sticky header, which wraps as it likes (ux B-5), and
 * `--above`, what of the page is in view above it. What sticks below the header and ends with the window needs both.
 */
export function useStickyHeight() {
  const root = useRef<HTMLDivElement>(null);
  const header = useRef<HTMLElement>(null);
  useEffect(() => {
    const [body, bar] = [root.current, header.current];
    if (!body || !bar) return;
    const set = (name: string, pixels: number) => {
      const value = `${Math.round(pixels)}px`;
      if (body.style.getPropertyValue(name) !== value) body.style.setProperty(name, value);
    };
    const measure = () => {
      set("--stick", bar.offsetHeight);
      set("--above", Math.max(0, body.getBoundingClientRect().top));
    };
    const observer = new ResizeObserver(measure);
    // A banner that comes or goes above moves the body, and changes no size of it.
    observer.observe(bar);
    observer.observe(document.body);
    window.addEventListener("scroll", measure, { passive: true });
    measure();
    return () => {
      observer.disconnect();
      window.removeEventListener("scroll", measure);
    };
  }, []);
  return [root, header] as const;
}
