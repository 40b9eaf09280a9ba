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
  "e2e",
  "keys",
  "restore",
  "simulator",
  "start",
  "test",
  "test-crash",
  "test-faults",
];
const CHECK_THE_SYSTEM =
  "Check that it exists, that this account may use it and that the disk has space, then try again.";
const name = process.argv[2] || "";

async function main() {
  const tooOld = describeOldNode(process.versions.node);
  if (tooOld) throw Object.assign(new Error(tooOld.problem), { next: tooOld.next });
  if (name === "--help" || name === "-h") {
    return void process.stdout.write(
      "Commands: " + COMMANDS.join(", ") + "\nEach of them says with --help what it takes.\n",
    );
  }
  if (!COMMANDS.includes(name)) {
    throw Object.assign(new Error("There is no command “" + name + "”."), {
      next: "Use one of: " + COMMANDS.join(", "),
    });
  }
  process.env.NEXT_TELEMETRY_DISABLED = "1";
  process.stdout.on("error", () => {}); // a closed terminal must not stop the clean-up
  process.stderr.on("error", () => {});
  const command = await import("./" + name + ".mjs");
  const { asksForHelp } = await import("./options.mjs");
  const args = process.argv.slice(3);
  if (command.usage && asksForHelp(args)) return void process.stdout.write(command.usage + "\n");
  return command.run(args);
}

main().then(
  (code) => {
    if (typeof code === "number") process.exitCode = code;
  },
  (error) => {
    // An error with a `next` was foreseen and needs no stack; what the system refused names its file or port itself.
    const next = error && (error.next || (error.syscall && CHECK_THE_SYSTEM));
    const text = next ? error.message + "\n  → " + next : (error && error.stack) || error;
    process.stderr.write("\n✗ " + text + "\n");
    process.exitCode = 1;
  },
);
