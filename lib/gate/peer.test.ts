import { expect, test } from "vitest";
import { ARRIVAL_HEADER, CLIENT_HEADER, PATH_HEADER, proxyList, SECURE_HEADER, settleArrival } from "./peer";

const trusted = proxyList(["10.1.0.0/16", "fd00::7"]);

function arrive(remoteAddress: string, headers: Record<string, string>) {
  settleArrival({ headers, remoteAddress, url: "/clusters?view=tiles" }, trusted, "mark");
  return headers as Record<string, string | undefined>;
}

test("a stranger cannot say who they are, how they came, or whom they asked", () => {
  const headers = arrive("203.0.113.9", {
    host: "attacker.example",
    [CLIENT_HEADER]: "127.0.0.1",
    [SECURE_HEADER]: "1",
    [PATH_HEADER]: "/elsewhere",
    "x-forwarded-for": "127.0.0.1",
    "x-forwarded-proto": "https",
    "x-forwarded-host": "console.example",
    "x-real-ip": "127.0.0.1",
  });
  expect(headers).toEqual({
    host: "attacker.example",
    [ARRIVAL_HEADER]: "mark",
    [CLIENT_HEADER]: "203.0.113.9",
    [SECURE_HEADER]: "0",
    [PATH_HEADER]: "/clusters?view=tiles",
  });
});

test("a proxy is recognised by its address, however it is written in the configuration or on the wire", () => {
  for (const remote of ["10.1.2.3", "::ffff:10.1.2.3", "::FFFF:0a01:0203"])
    expect(arrive(remote, { "x-forwarded-for": "203.0.113.9" })[CLIENT_HEADER]).toBe("203.0.113.9");
  expect(arrive("10.1.2.3", { "x-forwarded-for": "::ffff:203.0.113.9, ::ffff:0a01:0203" })[CLIENT_HEADER]).toBe(
    "203.0.113.9",
  );
});

test("a trusted proxy tells the client, the host and that the way was encrypted", () => {
  const headers = arrive("::ffff:10.1.2.3", {
    host: "10.1.2.9:3210",
    "x-forwarded-for": "203.0.113.9",
    "x-forwarded-proto": "https",
    "x-forwarded-host": "console.example",
  });
  expect(headers).toMatchObject({ host: "console.example", [CLIENT_HEADER]: "203.0.113.9", [SECURE_HEADER]: "1" });
});

test("of a chain counts the last address that no trusted proxy holds, so a made-up first one is worth nothing", () => {
  expect(arrive("fd00::7", { "x-forwarded-for": "1.2.3.4, 203.0.113.9, 10.1.0.4" })[CLIENT_HEADER]).toBe("203.0.113.9");
  expect(arrive("fd00::7", { "x-forwarded-for": "10.1.0.4" })[CLIENT_HEADER]).toBe("fd00::7");
  expect(arrive("fd00::7", { "x-forwarded-proto": "http" })[SECURE_HEADER]).toBe("0");
});
