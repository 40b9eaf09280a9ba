import { createPrivateKey, createPublicKey } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { SimulatorOptions } from "./cluster";
import { genericIdOf, parseGenericId } from "./generic-id";
import { goTime, toJson } from "./go-json";
import { openSealed, rsaKeyFrom } from "./rsa-key";
import { seal, type TestClient } from "./test-client";
import { play as playCluster } from "./test-cluster";

const play = (options: Partial<SimulatorOptions> = {}) => playCluster({ scenario: "small", ...options });

const OPEN = { rawHeader: null };

describe("opening what a client sealed", () => {
  const PRIVATE =
    "MIICXAIBAAKBgQCjhjYeTTstNBFTC3n3tNICIk+5WdR6iUSSEms7oiNZIe10LEM4VMYtXtKZQ7ATKUn6JaJXGZQyT5wlBo+d/6TRStcIPvybi1zy6Wkz0y8kAf52G+tFoRgwmc67X5wM+YJ2+teYkw63L7cwbkhtkLNwjuVXs4RzNzkQbujfZ2/x4QIDAQABAoGAUZa2S9om63/uIOw598Ctg8kQ1B8g596zatprzH4yetd1vaAUDfgmRR7pnvTp1jWkpn2+iQzHJ28XLlYetCuIVOQ2fymW4sQULXBs16Ps3WGeG1uiT+V6J6MNil86fZMzTAr+ISz0f2oNTJPGnfBteCvblUlWVmQnSMuax8dygkECQQDX3DVO2aOkwbfLKAj7FSuKQXjPxAQvH5RzvrumurMPs8FuwH1uB5i2SG9i89/tudJQWt/cQCBs4ulIWJYIgzg5AkEAwe6bmiKC8aFJWLge1hfgufm4FVxhBWn9CeBzPZ0tjoPAp3+JGiHmK/uTsrxoMLMzFh8rtmNaD0X2hpLkAdP26QJBALLVDhkIOAnsL6+QuHgDnvHIsiU22NyNhjiqIN7NuEFfA/cUZBX/FyaVNiq9rpxNoY7O6r2XJwXuq6QzOAFPbQkCQCwnMCQaoWd0Cif524Nw8khFU6UBYFGEPQknofUwOPQOiSlZfxSFDUuMPqdd//a+he4OcLxYyGNb0XH4NZM4+CkCQEd52A63MBpEWcnxOBkt7tNUfeiWkVkMzAglw97/TRglj/FQf5JgSKCbxGlHrlHfCi2cnk+0cwbYwF3mKL9K6YQ=";
  const SEALED =
    "ORWzCjN2ybb3k6+LAoLfA8afhsCbgFkaBiQvlGqjED2QJ/4Dad+DX1w+fgg6yXckcvIvArC4UVPkpW8vmj2Nr95yTMzLvScvMiul6AioPxfCHFxCWevrYMIoGsdjWkYj1pq4ygoQOdKSC6SoPsKINI9friJrLZ32/JW2jHrW0o2cNg0/5/qIt44yiksAMFuniBKqiGErMY7w+JwTtahLBdXbzrZAaLi81wEy/KeWumJqGsArpmYOkz1Dq0ZG/s3GVJDE/PgNW7JUN4JmmzS3XRYRsU+fSquRODriINp3IFlZYQkxVvl5hgGIR4lzjQFTUTKvMyN/KC0lLZRE/cM49A==";
  const privateKey = createPrivateKey({ key: Buffer.from(PRIVATE, "base64"), format: "der", type: "pkcs1" });
  const key = rsaKeyFrom(createPublicKey(privateKey), privateKey, 1_024);

  test("the published test vector opens to its header", () => {
    expect(openSealed(SEALED, key).toString()).toBe(
      '{"Auth":"Str0ng#Pwd-2026","Ts":"1767225660","Uri":"/api/v1/ob/stop","Keys":"AAECAwQFBgcICQoLDA0OD/Dx8vP09fb3+Pn6+/z9/v8="}',
    );
  });

  test.each([1, 53, 117])("pieces of %i bytes open alike", (chunkBytes) => {
    const text = "a header that is longer than one piece, with ünïcödé in it, and then some more so that it fills two";
    expect(openSealed(seal(text, key.publicBase64, chunkBytes), key).toString()).toBe(text);
  });

  test("a changed byte, half a block and foreign letters are refused", () => {
    for (const bad of [SEALED.replace("ORWz", "ORWy"), SEALED.slice(0, 100), "§§§§", ""])
      expect(() => openSealed(bad, key)).toThrow();
  });
});

describe("ids, times and numbers", () => {
  test("a generic id holds the agent's address and the number there", () => {
    expect(genericIdOf("10.0.0.11", 2886, 17)).toBe("201677721710288617");
    expect(parseGenericId("201677721710288617")).toEqual({ owner: "10.0.0.11:2886", localId: 17 });
    expect(parseGenericId("142")).toEqual({ owner: null, localId: 42 });
    for (const bad of ["", "2", "77", "2016777217102886", "abc"])
      expect(() => parseGenericId(bad)).toThrow("Invalid ID");
  });

  test("times carry the host's offset, nanoseconds without trailing zeros, and the epoch where nothing is set", () => {
    expect(goTime(0)).toBe("1970-01-01T08:00:00+08:00");
    expect(goTime(1_767_225_660_250)).toMatch(/^2026-01-01T08:01:00\.250\d*[1-9]\+08:00$/);
  });

  test("integers beyond 2^53 are written digit by digit", async () => {
    expect(toJson({ a: [12_345_678_901_234_567_891n], b: "text" })).toBe('{"a":[12345678901234567891],"b":"text"}');
    const { client } = await play();
    expect((await client.get("/info", OPEN)).text).toMatch(/"startAt":\d{19}[,}]/);
  });
});

describe("the order in which a request is refused", () => {
  const STOP = { scope: { type: "SERVER", target: ["127.0.0.1:1"] }, force: true };

  test.each([
    ["4.2.3.0", { code: 10008 }],
    ["4.3.1.0", { errCode: "Security.Authentication.Header.DecryptFailed" }],
    ["4.4.2.0", { errCode: "Security.Authentication.Header.DecryptFailed", code: 1 }],
  ] as const)("a header that does not open is 401 without a trace id at %s", async (version, error) => {
    const { client } = await play({ version });
    const answer = await client.get("/ob/agents", { rawHeader: "AAAA" });
    expect(answer.status).toBe(401);
    expect(answer.type).toBe("application/json; charset=utf-8");
    expect(answer.json.traceId).toBe("");
    const { message: _message, ...shape } = answer.json.error ?? { message: "" };
    expect(shape).toEqual(error);
    // An open route still opens a header that is there.
    expect((await client.get("/info", { rawHeader: "AAAA" })).status).toBe(401);
  });

  test.each([
    ["4.2.3.0", 401, { code: 10008 }],
    ["4.5.0.0", 400, { errCode: "Request.Header.NotFound" }],
  ] as const)("no header at %s is %i", async (version, status, error) => {
    const { client } = await play({ version });
    const answer = await client.get("/ob/agents", OPEN);
    expect(answer).toMatchObject({ status, json: { error } });
    expect(Object.hasOwn(answer.json.error ?? {}, "errCode")).toBe("errCode" in error);
  });

  test("Uri before Ts before password, and Ts not at all without a password", async () => {
    const { client } = await play();
    const past = { Ts: "1" };
    const codeOf = async (change: Parameters<TestClient["get"]>[1]) =>
      (await client.get("/ob/agents", change)).json.error?.errCode?.split(".").at(-1);
    expect(await codeOf({ fields: { ...past, Uri: "/api/v1/ob/agents?x=1" }, password: "no" })).toBe("UriMismatch");
    expect(await codeOf({ fields: past, password: "no" })).toBe("Expired");
    expect(await codeOf({ fields: { Ts: "soon" } })).toBe("Invalid");
    expect(await codeOf({ password: "no" })).toBe("IncorrectOceanbasePassword");
    expect(await codeOf({ fields: past, password: "" })).toBe("IncorrectOceanbasePassword");
    const second = String(Math.floor(Date.now() / 1_000) + 1);
    expect(await codeOf({ fields: { Ts: second } })).toBeUndefined();
  });

  test("an empty password makes Ts irrelevant", async () => {
    const { client } = await play({ password: "" });
    expect((await client.get("/ob/agents", { fields: { Ts: "1" } })).status).toBe(200);
  });

  test("header keys match in any case, and the query belongs to Uri", async () => {
    const { simulator: sim, client } = await play();
    const uri = "/api/v1/task/dag/unfinish?show_details=false";
    const plaintext = JSON.stringify({ auth: sim.password, TS: "9999999999", uRi: uri, keys: null });
    expect((await client.get("/task/dag/unfinish?show_details=false", { plaintext })).status).toBe(200);
    expect((await client.get("/task/dag/unfinish?show_details=0", { plaintext })).json.error).toMatchObject({
      errCode: "Security.Authentication.Header.UriMismatch",
      code: 10008,
    });
  });

  test("the agent header wins, and asks for the other password where none of its own is set", async () => {
    const { client } = await play();
    expect((await client.get("/ob/agents", { name: "X-OCS-Agent-Header" })).json.error?.errCode).toBe(
      "Security.Authentication.WithOceanBasePassword",
    );
  });

  test("body mistakes end as agents end them", async () => {
    const { client } = await play();
    expect(await client.post("/ob/stop", STOP, { rawBody: "{}" })).toMatchObject({
      status: 500,
      json: { traceId: "" },
    });
    expect((await client.post("/ob/stop", STOP, { fields: { Keys: "AAAA" } })).json.error?.errCode).toBe(
      "Request.Body.Decrypt.AES.KeyAndIv.Invalid",
    );
    expect((await client.post("/ob/stop", STOP, { rawBody: "AAAA" })).json.error?.errCode).toBe(
      "Request.Body.Decrypt.AES.ContentLength.Invalid",
    );
    const bare = await client.post("/ob/stop", { ...STOP, forcePassDag: ["1"] });
    expect(bare.json).not.toHaveProperty("data");
    expect(bare).toMatchObject({ status: 400, json: { error: { errCode: "Common.BindJsonFailed" } } });
  });

  test("a new key makes old headers unreadable until the client asks again", async () => {
    const { simulator: sim, client, clientAt, at } = await play();
    expect((await client.get("/ob/agents")).status).toBe(200);
    sim.setFault(at(0), { kind: "key-change" });
    expect((await client.get("/ob/agents")).json.error?.errCode).toContain("DecryptFailed");
    expect((await clientAt(0).get("/ob/agents")).status).toBe(200);
  });
});

describe("versions", () => {
  test.each([
    ["4.2.3.0", 400, { code: 1000 }],
    ["4.3.1.0", 404, { errCode: "Common.NotFound" }],
  ] as const)("what %s does not know is an unknown route: %i", async (version, status, error) => {
    const { client } = await play({ version });
    expect(await client.get("/observer/info")).toMatchObject({ status, json: { error } });
    expect(await client.post("/ob/zone/zone1/stop")).toMatchObject({ status, json: { error } });
  });

  test("4.2.3.0 has no cluster info, an open /ob/info and numeric errors for a bad stop", async () => {
    const { client, at } = await play({ version: "4.2.3.0" });
    expect((await client.get("/obcluster/info")).status).toBe(400);
    expect((await client.get("/ob/info", OPEN)).status).toBe(200);
    const info = (await client.get("/info", OPEN)).json.data;
    expect(info).not.toHaveProperty("supportedAuth");
    expect(info).not.toHaveProperty("obVersion");
    const global = await client.post("/ob/stop", { scope: { type: "GLOBAL" } });
    expect(global).toMatchObject({ status: 400, json: { error: { code: 1001 } } });
    expect((await client.post("/ob/stop")).json.error).toMatchObject({ code: 1001, message: "EOF" });
    const accepted = await client.post("/ob/stop", { scope: { type: "SERVER", target: [at(0)] }, force: true });
    expect(accepted.json.data).not.toHaveProperty("maintenance_type");
    const busy = await client.post(`/task/dag/${accepted.json.data?.id}`, { operator: "PASS" });
    expect(busy).toMatchObject({ status: 500, json: { error: { code: 1010 } } });
  });

  test("keys have 512 bits before 4.4.2.0 and 1024 since", async () => {
    const lengthAt = async (version: "4.4.1.0" | "4.4.2.0") => {
      const { client, simulator: sim } = await play({ version });
      const { json } = await client.get("/secret", OPEN);
      expect(Object.keys(json.data ?? {}).sort()).toEqual(["ip", "port", "public_key"]);
      await sim.close();
      return String(json.data?.public_key).length;
    };
    expect(await lengthAt("4.4.1.0")).toBe(100);
    expect(await lengthAt("4.4.2.0")).toBe(188);
  });

  test("cluster info before 4.4.1.0 has no server status and fails with partial data while the database is down", async () => {
    const { client } = await play({ version: "4.3.1.0", scenario: "db-down" });
    const answer = await client.get("/obcluster/info");
    expect(answer).toMatchObject({ status: 500, json: { successful: false, data: { cluster_id: 1, zones: null } } });
  });

  test("a session replaces the password on the agent that gave it", async () => {
    const { client, clientAt } = await play();
    const { json } = await client.post("/login", {});
    expect(String(json.data)).toHaveLength(108);
    const bad = { fields: { Auth: "", session_id: "00" } };
    expect((await client.get("/ob/agents", bad)).json.error?.errCode).toBe("Security.Authentication.SessionInvalid");
    expect((await clientAt(1).get("/ob/agents")).status).toBe(200);
  });
});

describe("answers", () => {
  test("lists stand in contents, sometimes null, and a trace id comes back as it was sent", async () => {
    const { client, at } = await play();
    expect((await client.get("/ob/agents")).json.data?.contents).toHaveLength(3);
    expect((await client.get("/task/dag/unfinish")).json.data?.contents).toBeNull();
    for (const path of [
      "/task/dags/ob",
      "/task/dag/ob/unfinish",
      "/task/dag/agent/unfinish",
      "/task/dag/agent/main_dags",
    ])
      expect([path, (await client.get(path)).json.data?.contents]).toEqual([path, []]);
    const response = await fetch(`http://${at(0)}/api/v1/time`, { headers: { "X-OBSHELL-Trace-ID": "abc" } });
    expect(await response.json()).toMatchObject({ traceId: "abc", data: expect.stringContaining("+08:00") });
    const posted = await fetch(`http://${at(0)}/api/v1/status`, { method: "POST" });
    expect(await posted.json()).toMatchObject({ data: { obState: 3, underMaintenance: false } });
  });

  test("other paths serve a web page", async () => {
    const { at } = await play();
    const response = await fetch(`http://${at(0)}/login`);
    expect(response.headers.get("content-type")).toContain("text/html");
  });

  test("every request is remembered as the agent read it", async () => {
    const { client, simulator: sim } = await play();
    await client.post("/ob/stop", { scope: { type: "GLOBAL" } });
    await client.get("/ob/agents", OPEN);
    expect(sim.requests).toMatchObject([
      { method: "POST", path: "/api/v1/ob/stop", body: { scope: { type: "GLOBAL" } }, outcome: 400 },
      { path: "/api/v1/ob/agents", header: null, outcome: 400 },
    ]);
    expect(sim.requests[0]?.header).toMatchObject({ Auth: sim.password, Uri: "/api/v1/ob/stop" });
  });
});
