import { describe, expect, test } from "vitest";
import { z } from "zod";
import { contentsOf, openEnvelope } from "./envelope";

const ADDRESS = "10.0.0.11:2886";
const open = (status: number, body: unknown) =>
  openEnvelope({ status, text: typeof body === "string" ? body : JSON.stringify(body) }, ADDRESS);
const base = { successful: true, timestamp: "2026-01-01T00:00:00Z", duration: 1, status: 200, traceId: "aa" };

test("data of a success comes out, null and absent alike", () => {
  expect(open(200, { ...base, data: { a: 1 } })).toEqual({ ok: true, data: { a: 1 }, traceId: "aa" });
  expect(open(200, { ...base, data: null })).toEqual({ ok: true, data: null, traceId: "aa" });
  expect(open(200, base)).toEqual({ ok: true, data: null, traceId: "aa" });
});

test("an empty 204 is a success without data", () => {
  expect(open(204, "")).toEqual({ ok: true, data: null, traceId: "" });
});

test("both error shapes give the same parts", () => {
  const failed = { ...base, successful: false, status: 400 };
  expect(open(400, { ...failed, error: { code: 1001, message: "old" } })).toMatchObject({
    ok: false,
    refusal: { httpStatus: 400, errCode: null, code: 1001, message: "old" },
  });
  expect(open(400, { ...failed, error: { errCode: "Agent.NotExist", message: "new", subErrors: [] } })).toMatchObject({
    ok: false,
    refusal: { httpStatus: 400, errCode: "Agent.NotExist", code: null, message: "new" },
  });
});

test("data beside an error does not make a success", () => {
  const both = { ...base, successful: false, data: { zones: [] }, error: { errCode: "MySQL.Error", message: "x" } };
  expect(open(500, both)).toMatchObject({ ok: false, data: { zones: [] } });
  expect(open(200, both)).toMatchObject({ ok: false });
});

test("a success flag under a failed HTTP status is no success", () => {
  expect(open(500, base)).toMatchObject({ ok: false, refusal: { httpStatus: 500, message: "" } });
});

test("the prebuilt body of a panic is a refusal without a trace id", () => {
  const panic = {
    ...base,
    successful: false,
    traceId: "",
    duration: 0,
    error: { errCode: "Common.Unexpected", message: "m" },
  };
  expect(open(500, panic)).toMatchObject({ ok: false, traceId: "", refusal: { errCode: "Common.Unexpected" } });
});

describe("what no agent answers is unreadable", () => {
  test.each([
    ["an HTML page", 200, "<!doctype html><html><body>obshell</body></html>"],
    ["a truncated envelope", 200, '{"successful":true,"data":{"id"'],
    ["an empty success", 200, ""],
    ["a bare value", 200, "null"],
    ["a list", 200, "[]"],
    ["JSON of something else", 200, '{"status":"ok"}'],
    ["a proxy's error page", 502, "<html>Bad gateway</html>"],
  ])("%s", (_name, status, body) => {
    expect(() => open(status, body)).toThrow(
      expect.objectContaining({
        kind: "answer-unreadable",
        facts: expect.objectContaining({ params: { address: ADDRESS, status } }),
      }),
    );
  });
});

test("plain HTTP at a TLS port is told as a TLS failure", () => {
  expect(() => open(400, "Client sent an HTTP request to an HTTPS server.\n")).toThrow(
    expect.objectContaining({ kind: "tls-failed" }),
  );
});

test("a list without contents is an empty list", () => {
  const numbers = contentsOf(z.number());
  expect(numbers.parse({ contents: [1, 2] })).toEqual([1, 2]);
  expect(numbers.parse({ contents: null })).toEqual([]);
  expect(numbers.parse({})).toEqual([]);
  expect(numbers.parse(null)).toEqual([]);
});
