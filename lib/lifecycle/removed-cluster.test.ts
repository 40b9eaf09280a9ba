import { afterEach, expect, test, vi } from "vitest";
import { refreshClusters } from "../clusters/refresh-clusters";
import { freshStore, type FreshStore } from "../db/testing/fresh-store";
import { isRemoved } from "./removed-cluster";

vi.mock("../clusters/refresh-clusters");

let store: FreshStore;
afterEach(() => store.dispose());

test("a cluster is removed when the store has said so, and not because the store is silent", async () => {
  store = await freshStore("sqlite");
  vi.mocked(refreshClusters).mockRejectedValueOnce(new Error("the store is away"));
  expect(await isRemoved("gone")).toBe(false);
  vi.mocked(refreshClusters).mockResolvedValueOnce();
  expect(await isRemoved("gone")).toBe(true);
});
