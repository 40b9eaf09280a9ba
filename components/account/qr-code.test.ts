import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { qrCode } from "./qr-code";

/** Compared module by module with what a well-known generator draws, and read back by a well-known reader; kept as digests. */
test.each([
  [
    "otpauth://totp/Standdown:li.wei?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXPABCD&issuer=Standdown",
    "d01171bf596a3b1f67cb5a2edeb4f997afeaca399bb2f2eecc0f74ebe0213b74",
  ],
  ["x", "2000669ea387bc7a1b95ff080cc1edd1c39933b84d3b9e9f941b42ab9500dbb5"],
  ["y".repeat(230), "722c5cf7ec737f3a12f21ea748a5b470087a660364e93bfc36de0c847f9f13a7"],
  ["中文 ü", "2b18512b80f099a3f29e20fd5f2149ba327ecb8b22e9df3b5b6c330162ae33df"],
])("the code of %.30s is the one that readers know", (text, digest) => {
  const rows = qrCode(text).map((row) => row.map(Number).join(""));
  expect(createHash("sha256").update(rows.join("\n")).digest("hex")).toBe(digest);
});

test("what does not fit is refused, not cut", () => expect(() => qrCode("y".repeat(231))).toThrow(RangeError));
