// Every npm script enters here. This file and its only import keep to syntax that old Node versions can read, so that
// they get a sentence instead of a syntax error; the rest is loaded after the check.
import { describeOldNode } from "./node-version.mjs";

const COMMANDS = [
  "admin",
  "audit",
  "backup",
  "budget",
  "build",
  "demo",
  "keys",
  "restore",
  "start",
  "test",
  "test-crash",
];
const name = process.argv[2] || "";

async function main() {
  const tooOld = describeOldNode(process.versions.node);
  if (tooOld) throw Object.assign(new Error(tooOld.problem), { next: tooOld.next });
  if (!COMMANDS.includes(name)) {
    throw Object.assign(new Error("There is no command “" + name + "”."), {
      next: "Use one of: " + COMMANDS.join(", "),
    });
  }
  process.env.NEXT_TELEMETRY_DISABLED = "1";
  process.stdout.on("error", () => {}); // a closed terminal must not stop the clean-up
  process.stderr.on("error", () => {});
  const command = await import("./" + name + ".mjs");
  return command.run(process.argv.slice(3));
}

main().then(
  (code) => {
    if (typeof code === "number") process.exitCode = code;
  },
  (error) => {
    // An error with a `next` was foreseen and needs no stack.
    const text = error && error.next ? error.message + "\n  → " + error.next : (error && error.stack) || error;
    process.stderr.write("\n✗ " + text + "\n");
    process.exitCode = 1;
  },
);
