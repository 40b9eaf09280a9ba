import { createPrivateKey } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createSealingKey, openBody, openHeader } from "../testing/fake-agent";
import { createBodyKey, encodeKeys, readPublicKey, sealBody, sealHeader } from "./crypto";

/** Test vector 3.7 of the OBShell protocol; the key is a throw-away one. */
const VECTOR = {
  published:
    "MIGJAoGBAKOGNh5NOy00EVMLefe00gIiT7lZ1HqJRJISazuiI1kh7XQsQzhUxi1e0plDsBMpSfololcZlDJPnCUGj53/pNFK1wg+/JuLXPLpaTPTLyQB/nYb60WhGDCZzrtfnAz5gnb615iTDrcvtzBuSG2Qs3CO5VezhHM3ORBu6N9nb/HhAgMBAAE=",
  privateKey:
    "MIICXAIBAAKBgQCjhjYeTTstNBFTC3n3tNICIk+5WdR6iUSSEms7oiNZIe10LEM4VMYtXtKZQ7ATKUn6JaJXGZQyT5wlBo+d/6TRStcIPvybi1zy6Wkz0y8kAf52G+tFoRgwmc67X5wM+YJ2+teYkw63L7cwbkhtkLNwjuVXs4RzNzkQbujfZ2/x4QIDAQABAoGAUZa2S9om63/uIOw598Ctg8kQ1B8g596zatprzH4yetd1vaAUDfgmRR7pnvTp1jWkpn2+iQzHJ28XLlYetCuIVOQ2fymW4sQULXBs16Ps3WGeG1uiT+V6J6MNil86fZMzTAr+ISz0f2oNTJPGnfBteCvblUlWVmQnSMuax8dygkECQQDX3DVO2aOkwbfLKAj7FSuKQXjPxAQvH5RzvrumurMPs8FuwH1uB5i2SG9i89/tudJQWt/cQCBs4ulIWJYIgzg5AkEAwe6bmiKC8aFJWLge1hfgufm4FVxhBWn9CeBzPZ0tjoPAp3+JGiHmK/uTsrxoMLMzFh8rtmNaD0X2hpLkAdP26QJBALLVDhkIOAnsL6+QuHgDnvHIsiU22NyNhjiqIN7NuEFfA/cUZBX/FyaVNiq9rpxNoY7O6r2XJwXuq6QzOAFPbQkCQCwnMCQaoWd0Cif524Nw8khFU6UBYFGEPQknofUwOPQOiSlZfxSFDUuMPqdd//a+he4OcLxYyGNb0XH4NZM4+CkCQEd52A63MBpEWcnxOBkt7tNUfeiWkVkMzAglw97/TRglj/FQf5JgSKCbxGlHrlHfCi2cnk+0cwbYwF3mKL9K6YQ=",
  bodySent:
    "hSxSQ2em8Fn/sCt67+fO+7SiGmmUdZKppLiiny70xKqKcKxo20651gPiOwbwGqsFUoGrZ6rIvj8wXls/treN3WPsNL+MVvBshBrd9ZjtV6o=",
  headerSent:
    "ORWzCjN2ybb3k6+LAoLfA8afhsCbgFkaBiQvlGqjED2QJ/4Dad+DX1w+fgg6yXckcvIvArC4UVPkpW8vmj2Nr95yTMzLvScvMiul6AioPxfCHFxCWevrYMIoGsdjWkYj1pq4ygoQOdKSC6SoPsKINI9friJrLZ32/JW2jHrW0o2cNg0/5/qIt44yiksAMFuniBKqiGErMY7w+JwTtahLBdXbzrZAaLi81wEy/KeWumJqGsArpmYOkz1Dq0ZG/s3GVJDE/PgNW7JUN4JmmzS3XRYRsU+fSquRODriINp3IFlZYQkxVvl5hgGIR4lzjQFTUTKvMyN/KC0lLZRE/cM49A==",
  header:
    '{"Auth":"Str0ng#Pwd-2026","Ts":"1767225660","Uri":"/api/v1/ob/stop","Keys":"AAECAwQFBgcICQoLDA0OD/Dx8vP09fb3+Pn6+/z9/v8="}',
  body: { scope: { type: "SERVER", target: ["10.0.0.11:2886"] }, force: true },
};

const bytesOf = (first: number) => String.fromCharCode(...Array.from({ length: 16 }, (_, at) => first + at));
const vectorKeys = { key: bytesOf(0x00), iv: bytesOf(0xf0) };
const vectorHeader = {
  Auth: "Str0ng#Pwd-2026",
  Ts: "1767225660",
  Uri: "/api/v1/ob/stop",
  Keys: encodeKeys(vectorKeys),
};

describe("test vector of the protocol", () => {
  const privateKey = createPrivateKey({
    key: Buffer.from(VECTOR.privateKey, "base64"),
    format: "der",
    type: "pkcs1",
  });
  const key = { published: VECTOR.published, privateKey, bytes: 128 };

  test("the body is sealed to the very bytes", () => {
    expect(sealBody(VECTOR.body, vectorKeys)).toBe(VECTOR.bodySent);
  });

  test("the header opens to the very bytes, keys in their canonical order", () => {
    const sealed = sealHeader(vectorHeader, readPublicKey(VECTOR.published));
    expect(sealed).toHaveLength(344);
    expect(openHeader(sealed, key)).toBe(VECTOR.header);
  });

  test("the recorded header opens to the same", () => {
    expect(openHeader(VECTOR.headerSent, key)).toBe(VECTOR.header);
  });

  test("a 512-bit key takes the same header in three blocks", () => {
    const small = createSealingKey(512);
    const sealed = sealHeader(vectorHeader, readPublicKey(small.published));
    expect(Buffer.from(sealed, "base64")).toHaveLength(3 * 64);
    expect(openHeader(sealed, small)).toBe(VECTOR.header);
  });
});

describe.each([512, 1024, 2048])("with a key of %i bits", (bits) => {
  const key = createSealingKey(bits);
  const publicKey = readPublicKey(key.published);

  test("whatever is in a header arrives unchanged", () => {
    const header = fc.record({
      Auth: fc.oneof(fc.string({ unit: "binary" }), fc.constantFrom("", "密码🔑", 'a"b\\c\n', "x".repeat(300))),
      Ts: fc.nat().map(String),
      Uri: fc.webPath().map((path) => `/api/v1${path}?${"q".repeat(path.length * 20)}`),
      Keys: fc.constant(null).map(() => encodeKeys(createBodyKey())),
    });
    fc.assert(
      fc.property(header, (value) => {
        expect(JSON.parse(openHeader(sealHeader(value, publicKey), key))).toEqual(value);
      }),
      { numRuns: 60 },
    );
  });

  test("header lengths around the edges of a block all arrive", () => {
    const room = bits / 8 - 11;
    const around = [1, 2, 3].flatMap((blocks) => [-2, -1, 0, 1, 2].map((off) => blocks * room + off));
    const empty = JSON.stringify({ Auth: "", Ts: "1", Uri: "/", Keys: "" }).length;
    for (const length of around.map((size) => size - empty).filter((size) => size >= 0)) {
      const header = { Auth: "p".repeat(length), Ts: "1", Uri: "/", Keys: "" };
      expect(JSON.parse(openHeader(sealHeader(header, publicKey), key))).toEqual(header);
    }
  });
});

test("whatever is in a body arrives unchanged", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const keys = createBodyKey();
      expect(JSON.parse(openBody(sealBody(value, keys), encodeKeys(keys)))).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});

test("no two requests share a key or an iv", () => {
  const made = Array.from({ length: 200 }, () => createBodyKey());
  expect(new Set(made.flatMap(({ key, iv }) => [key, iv])).size).toBe(400);
  expect(made.every(({ key, iv }) => key.length === 16 && iv.length === 16)).toBe(true);
});

test.each(["", "AAAA", "not base64 at all", "MIGJAoGB"])(
  "a public key that cannot be read (%j) is told as such",
  (text) => {
    expect(() => readPublicKey(text)).toThrow(expect.objectContaining({ kind: "answer-unreadable" }));
  },
);
