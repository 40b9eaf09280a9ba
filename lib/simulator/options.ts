import { isIPv4 } from "node:net";
import { parseArgs } from "node:util";
import { SCENARIOS, VERSIONS, type SimulatorOptions } from "./cluster";

/** A command line that cannot be obeyed; the message names the option and what it takes. */
export class BadOption extends Error {}

const HIGHEST_PORT = 65_535;

const NAMES_A_LINE = 6;

function inLines(names: readonly string[]): string {
  const lines = Array.from({ length: Math.ceil(names.length / NAMES_A_LINE) }, (_, at) =>
    names.slice(at * NAMES_A_LINE, (at + 1) * NAMES_A_LINE).join(", "),
  );
  return lines.join(`,\n${" ".repeat(25)}`);
}

export const USAGE = `npm run simulator -- [options]
    --scenario NAME      the situation that it begins in (default medium):
                         ${inLines(SCENARIOS)}
    --version X.Y.Z.W    the OBShell version that its agents play (default ${VERSIONS.at(-1)}):
                         ${inLines(VERSIONS)}
    --base-port N        the first agent's port, the others follow; 0 takes any free ports (default 0)
    --time-scale N       how much faster than life tasks run (default 1)
    --password TEXT      the password of root@sys
    --cluster-name NAME  what the cluster calls itself
    --ips IP,IP          addresses of this machine itself on which the agents listen, in turn (default 127.0.0.1)
    --zones NAME,NAME    what the zones are called
    --tenants N          how many tenants there are
    --json               where it listens as one line of JSON
    --help, -h           this text`;

/** Somebody asks what the program takes; nothing else of the line matters then. */
export const asksForHelp = (args: readonly string[]): boolean => args.includes("--help") || args.includes("-h");

export function readOptions(args: readonly string[]): SimulatorOptions & { json: boolean } {
  const values = parse(args);
  const layout: { ips?: string[]; zoneNames?: string[] } = {};
  if (values.ips !== undefined) layout.ips = values.ips.split(",").map(loopback);
  if (values.zones !== undefined) layout.zoneNames = values.zones.split(",");
  const options: SimulatorOptions & { json: boolean } = {
    ...layout,
    scenario: oneOf("--scenario", values.scenario ?? "medium", SCENARIOS),
    basePort: port(values["base-port"] ?? "0"),
    timeScale: positive("--time-scale", values["time-scale"] ?? "1"),
    json: values.json ?? false,
  };
  if (values.version !== undefined) options.version = oneOf("--version", values.version, VERSIONS);
  if (values.password !== undefined) options.password = values.password;
  if (values["cluster-name"] !== undefined) options.clusterName = values["cluster-name"];
  if (values.tenants !== undefined) options.tenants = wholeNumber("--tenants", values.tenants);
  return options;
}

function parse(args: readonly string[]) {
  try {
    const text = { type: "string" } as const;
    const { values } = parseArgs({
      args: [...args],
      options: {
        scenario: text,
        "base-port": text,
        "time-scale": text,
        version: text,
        password: text,
        "cluster-name": text,
        ips: text,
        zones: text,
        tenants: text,
        json: { type: "boolean" },
      },
    });
    return values;
  } catch (error) {
    const reason = error instanceof Error ? (error.message.split(/\. To specify|\n/)[0] ?? "") : String(error);
    throw new BadOption(`${reason}\n  → ${USAGE}`);
  }
}

function oneOf<T extends string>(option: string, value: string, allowed: readonly T[]): T {
  const found = allowed.find((item) => item === value);
  if (found === undefined) throw new BadOption(`${option} is "${value}"; it takes one of: ${allowed.join(", ")}`);
  return found;
}

function port(value: string): number {
  const number = Number(value);
  if (/^\d+$/.test(value) && (number === 0 || (number >= 1025 && number <= HIGHEST_PORT))) return number;
  throw new BadOption(`--base-port is "${value}"; it takes 0 (any free ports) or a port from 1025 to ${HIGHEST_PORT}`);
}

/** Nothing but this machine itself may be listened on. */
function loopback(value: string): string {
  const isLoopback = value === "::1" || (isIPv4(value) && value.startsWith("127."));
  if (isLoopback) return value;
  throw new BadOption(`--ips has "${value}"; it takes addresses of this machine itself: 127.0.0.2,127.0.0.3,::1`);
}

function wholeNumber(option: string, value: string): number {
  if (/^\d{1,4}$/.test(value)) return Number(value);
  throw new BadOption(`${option} is "${value}"; it takes a whole number up to 9999`);
}

function positive(option: string, value: string): number {
  const number = Number(value);
  if (value.trim() !== "" && Number.isFinite(number) && number > 0) return number;
  throw new BadOption(`${option} is "${value}"; it takes a number above 0, such as 1 (real time) or 10`);
}
