import { expect, test } from "vitest";
import { exampleTopology, withServer } from "./testing/example-topology";
import { endFrozen } from "./unheard";

const AT = "10.0.2.1:2886";
const commandsWith = (homePath: string) => {
  const topology = exampleTopology();
  const agent = topology.zones.flatMap((zone) => zone.servers).find(({ address }) => address === AT)?.agent;
  const hanging = { ...(agent ?? expect.unreachable()), answers: false, condition: "hangs" as const, homePath };
  return endFrozen(withServer(topology, AT, { agent: hanging }).zones.flatMap((zone) => zone.servers));
};

test("the command for a frozen observer is quoted, whatever its folder is called", () => {
  expect(commandsWith("/o b/it's")).toEqual([
    { address: AT, command: `kill -9 "$(cat '/o b/it'\\''s/run/observer.pid')"`, ends: true },
  ]);
});

test.each(["/ob\u001b[201~\nrm -rf ~\n", "/ob\u202e", "/ob\u2028x"])(
  "a folder that would act or hide in a terminal (%j) is not handed over",
  (homePath) => expect(commandsWith(homePath)).toEqual([{ address: AT, command: "pgrep -a observer", ends: false }]),
);
