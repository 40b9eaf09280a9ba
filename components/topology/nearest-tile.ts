const SAME_LINE_PX = 4;

/** Where an arrow leads from a tile, by where the tiles really stand: lines break as the window is wide (ux K-18). */
export function nearestTile(root: HTMLElement, from: string, key: string): string | null {
  const tiles = [...root.querySelectorAll<HTMLElement>("[data-key]")];
  const at = tiles.findIndex((tile) => tile.dataset.key === from);
  const here = tiles[at]?.getBoundingClientRect();
  if (!here) return null;
  const keyOf = (tile: HTMLElement | undefined) => tile?.dataset.key ?? null;
  if (key === "ArrowRight") return keyOf(tiles[at + 1]);
  if (key === "ArrowLeft") return keyOf(tiles[at - 1]);
  if (key === "Home") return keyOf(tiles[0]);
  if (key === "End") return keyOf(tiles.at(-1));
  const way = { ArrowDown: 1, ArrowUp: -1 }[key];
  if (way === undefined) return null;
  let best: HTMLElement | undefined;
  let bestLine = Infinity;
  let bestAside = Infinity;
  for (const tile of way > 0 ? tiles.slice(at + 1) : tiles.slice(0, Math.max(0, at))) {
    const box = tile.getBoundingClientRect();
    const line = (box.top - here.top) * way;
    const aside = Math.abs(box.left - here.left);
    if (line < SAME_LINE_PX || line > bestLine + SAME_LINE_PX) continue;
    if (line < bestLine - SAME_LINE_PX || aside < bestAside) [best, bestLine, bestAside] = [tile, line, aside];
  }
  return keyOf(best);
}
