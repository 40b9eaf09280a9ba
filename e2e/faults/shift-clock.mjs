// Preloaded into a console under test: its clock shows so many milliseconds more than the machine's as a file says. The
// time that has passed since the start, by which timers go, stays as it is; so it is when a host's clock is set anew.
import { readFileSync } from "node:fs";

const LOOK_AGAIN_MS = 20;
const file = process.env.STANDDOWN_TEST_CLOCK ?? "";
const TrueDate = Date;
let shiftMs = 0;
let lookedAt = -LOOK_AGAIN_MS;

function now() {
  if (performance.now() - lookedAt >= LOOK_AGAIN_MS) {
    lookedAt = performance.now();
    try {
      shiftMs = Number(readFileSync(file, "utf8")) || 0;
    } catch {
      // Being written; it stays as it was.
    }
  }
  return TrueDate.now() + shiftMs;
}

globalThis.Date = new Proxy(TrueDate, {
  construct: (target, args, made) =>
    Reflect.construct(target, args.length === 0 ? [now()] : args, made === globalThis.Date ? target : made),
  apply: () => new TrueDate(now()).toString(),
  get: (target, name) => (name === "now" ? now : Reflect.get(target, name)),
});
TrueDate.prototype.constructor = globalThis.Date;
