import { expect, test } from "vitest";
import { requirePrivateWay } from "./private-way";

const behind = (url: string | null, trustedProxies: string[]) => ({
  dataDir: "",
  url,
  trustedProxies,
  clusters: [],
  signIn: { oidc: [] },
});

test.each(["127.0.0.1", "::1", "localhost"])("%s needs nothing more", (host) => {
  expect(() => requirePrivateWay(host, behind(null, []))).not.toThrow();
});

test("another address is listened on only behind a proxy with https that is named", () => {
  const url = "https://console.example";
  expect(() => requirePrivateWay("0.0.0.0", behind(url, ["10.0.0.5"]))).not.toThrow();
  for (const host of ["0.0.0.0", "10.0.0.9", "", undefined]) {
    expect(() => requirePrivateWay(host, behind(null, []))).toThrow("without https");
    expect(() => requirePrivateWay(host, behind(url, []))).toThrow("trustedProxies");
    expect(() => requirePrivateWay(host, behind("http://localhost:3210", ["10.0.0.5"]))).toThrow("without https");
  }
});
