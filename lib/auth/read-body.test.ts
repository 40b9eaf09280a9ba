import { expect, test } from "vitest";
import { readBody } from "./read-body";

const post = (body: BodyInit, headers: Record<string, string> = {}) =>
  new Request("http://127.0.0.1/", { method: "POST", body, headers, duplex: "half" } as RequestInit);

test("a small body is read whole, in whatever pieces it comes", async () => {
  const bytes = new TextEncoder().encode("名字".repeat(1_000));
  const pieces = new ReadableStream<Uint8Array>({
    start(controller) {
      for (let at = 0; at < bytes.length; at += 7) controller.enqueue(bytes.slice(at, at + 7));
      controller.close();
    },
  });
  expect(await readBody(post(pieces))).toBe("名字".repeat(1_000));
  expect(await readBody(new Request("http://127.0.0.1/", { method: "POST" }))).toBe("");
});

test("a body that says it is large is not read, and one that does not say so only until it is", async () => {
  await expect(readBody(post("{}", { "content-length": "20000" }))).rejects.toMatchObject({ kind: "input-invalid" });
  let pulled = 0;
  const endless = new ReadableStream<Uint8Array>({
    pull(controller) {
      pulled += 1;
      controller.enqueue(new Uint8Array(1_024));
    },
  });
  await expect(readBody(post(endless))).rejects.toMatchObject({ kind: "input-invalid" });
  expect(pulled).toBeLessThan(30);
});
