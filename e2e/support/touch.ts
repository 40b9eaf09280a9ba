import type { Locator, Page } from "@playwright/test";

/** A small phone, in the dark, under one thumb. */
export const PHONE = {
  viewport: { width: 360, height: 640 },
  hasTouch: true,
  isMobile: true,
  colorScheme: "dark",
} as const;

/** Slower than "Slow 4G" of the browser's own tools in what it carries (1.44 Mbit/s there), about as quick to answer. */
const SLOW_4G = { offline: false, latency: 400, downloadThroughput: 450_000 / 8, uploadThroughput: 150_000 / 8 };

export async function slowDown(page: Page) {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("Network.emulateNetworkConditions", SLOW_4G);
}

/** Draws what lies under the finger up, and holds still before letting go, so that it does not run on. */
export async function swipeUp(page: Page, distance: number, fromY = 420) {
  const devtools = await page.context().newCDPSession(page);
  const from = { x: 180, y: fromY };
  const steps = [0.25, 0.5, 0.75, 1, 1];
  await devtools.send("Input.dispatchTouchEvent", { type: "touchStart", touchPoints: [from] });
  for (const part of steps) {
    const touchPoints = [{ x: from.x, y: from.y - part * distance }];
    await devtools.send("Input.dispatchTouchEvent", { type: "touchMove", touchPoints });
    await page.waitForTimeout(20);
  }
  await devtools.send("Input.dispatchTouchEvent", { type: "touchEnd", touchPoints: [] });
  await devtools.detach();
}

/** Whether it lies, with all its height, above the lower edge of the window or of what sticks there. */
export const isScrolledIn = (part: Locator, bottom: number) =>
  part.evaluate((element, edge) => element.getBoundingClientRect().bottom <= edge, bottom);

/** Whether nothing lies over it, from its upper edge to its lower one. */
export const isOnTop = (part: Locator) =>
  part.evaluate((element) => {
    const { left, top, width, height } = element.getBoundingClientRect();
    return [0.1, 0.5, 0.9].every((share) =>
      element.contains(document.elementFromPoint(left + width / 2, top + height * share)),
    );
  });

/**
 * What a thumb may miss: everything that can be tapped and is below 44 px in one direction, in words for a person. A
 * label counts with its field, and a box in a row of the picker with what takes its tap. Tiles are 28 px (ux M-5).
 */
export const smallTargets = (page: Page) =>
  page.evaluate(() => {
    const tappable =
      "a[href], button, input, select, textarea, summary, [role=checkbox], [role=switch], [role=option], [role=tab]";
    const labels = (element: Element) => (element instanceof HTMLInputElement ? [...(element.labels ?? [])] : []);
    const inView = document.querySelector("dialog:modal") ?? document;
    return [...inView.querySelectorAll(tappable)].flatMap((element) => {
      const taker = element.closest("[data-key] [data-tick]") ?? element.closest("[role=row][data-key]") ?? element;
      const boxes = [taker, ...labels(element)].map((one) => one.getBoundingClientRect());
      const width = Math.max(...boxes.map((box) => box.right)) - Math.min(...boxes.map((box) => box.left));
      const height = Math.max(...boxes.map((box) => box.bottom)) - Math.min(...boxes.map((box) => box.top));
      const isShown = element.checkVisibility({ visibilityProperty: true }) && width > 1 && height > 1;
      const least = element.closest("[data-tiles]") ? 28 : 44;
      if (!isShown || (width >= least && height >= least)) return [];
      const name = element.getAttribute("aria-label") ?? element.textContent.trim();
      return [`${element.tagName.toLowerCase()} "${name}" ${Math.round(width)} × ${Math.round(height)}`];
    });
  });

/** One tap of a finger at a place, whatever lies there by then. */
export async function tapAt(page: Page, at: { x: number; y: number }) {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("Input.dispatchTouchEvent", { type: "touchStart", touchPoints: [at] });
  await devtools.send("Input.dispatchTouchEvent", { type: "touchEnd", touchPoints: [] });
  await devtools.detach();
}
