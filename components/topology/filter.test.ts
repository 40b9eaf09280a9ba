import { describe, expect, test } from "vitest";
import { exampleTopology, withoutAgent, withServer } from "@/lib/clusters/testing/example-topology";
import type { Server, ServerState } from "@/lib/clusters/schema";
import { filterServers, NO_FILTER, searchServers } from "./filter";

const WORDS: Record<ServerState, string> = {
  SERVING: "Serving",
  SERVICE_NOT_REPORTED: "Running, service not reported",
  NOT_SERVING_YET: "Running, not serving yet",
  SERVICE_STOPPED: "Service stopped, process running",
  PROCESS_STOPPED: "Process stopped",
  STOPPING: "Stopping",
  STARTING: "Starting",
  UNAVAILABLE: "Unavailable",
  NOT_REPORTED: "Not reported",
  DELETING: "Deleting",
};
const wordsOf = (server: Server) => [WORDS[server.state]];
const topology = withServer(exampleTopology(3, 12), "10.0.2.5:2886", { state: "PROCESS_STOPPED" });
const servers = topology.zones.flatMap((zone) => zone.servers);
const search = (text: string) => {
  const { servers: found, list } = searchServers(servers, text, wordsOf);
  return { found: found.map((server) => server.address), list };
};

describe("search", () => {
  test("a part of an address, a zone, a state, or a port finds servers", () => {
    expect(search("10.0.3.1").found).toEqual(["10.0.3.1:2886", "10.0.3.10:2886", "10.0.3.11:2886", "10.0.3.12:2886"]);
    expect(search("ZONE2").found).toHaveLength(12);
    expect(search("process stopped").found).toEqual(["10.0.2.5:2886"]);
    expect(search("10.0.1.1:2882").found).toEqual(["10.0.1.1:2886"]);
    expect(search("  ").found).toHaveLength(36);
  });

  test("a pasted list takes each entry exactly and names what it does not know", () => {
    expect(search("10.0.1.1, 10.0.1.2:2886；10.0.9.9\n10.0.1.3:2881")).toEqual({
      found: ["10.0.1.1:2886", "10.0.1.2:2886", "10.0.1.3:2886"],
      list: { entries: 4, matched: 3, unknown: ["10.0.9.9"] },
    });
  });

  test("an IPv6 server is found by each of its ports and however its address is written", () => {
    const ip = "fd00::11";
    const one = { ...(servers[0] ?? expect.unreachable()), address: `[${ip}]:2886`, ip };
    const found = (text: string) => searchServers([one], text, wordsOf).servers.length;
    for (const text of ["[fd00::11]:2882", "[fd00::11]:2881", "[FD00:0:0::0011]:2886", "fd00:0:0:0:0:0:0:11"]) {
      expect([text, found(text)]).toEqual([text, 1]);
      expect([text, searchServers([one], `${text} 10.9.9.9`, wordsOf).list?.unknown]).toEqual([text, ["10.9.9.9"]]);
    }
    expect(search("１０.0.1.1：2886").found).toEqual(["10.0.1.1:2886"]);
  });

  test("an entry twice in the list counts once, and a prefix in it still finds its servers", () => {
    const { found, list } = search("10.0.1.1 10.0.1.1 10.0.3.");
    expect(found).toHaveLength(13);
    expect(list).toEqual({ entries: 2, matched: 2, unknown: [] });
  });
});

test("state, zone and only-selected narrow what is shown together", () => {
  const shown = (part: Partial<typeof NO_FILTER>, picked: string[] = []) =>
    filterServers(servers, { ...NO_FILTER, ...part }, wordsOf, new Set(picked)).servers.length;
  expect(shown({ state: "SERVING", zone: "zone2" })).toBe(11);
  expect(shown({ onlySelected: true }, ["10.0.1.1:2886"])).toBe(1);
  expect(shown({ onlySelected: true, zone: "zone2" }, ["10.0.1.1:2886"])).toBe(0);
});

test("servers without an agent are found by that, by their name and by their host", () => {
  const mixed = withoutAgent(exampleTopology(), "10.0.2.2:2886").zones.flatMap((zone) => zone.servers);
  const words = (server: Server) => [WORDS[server.state], server.agentless === null ? "" : "no agent"];
  const found = (text: string) => searchServers(mixed, text, words).servers.map(({ address }) => address);
  for (const text of ["no agent", "NO AGENT", "10.0.2.2:2882", "10.0.2.2:2881", "10.0.2.2"])
    expect(found(text)).toEqual(["10.0.2.2:2882"]);
  expect(found("10.0.2.2:2886")).toEqual([]);
});
