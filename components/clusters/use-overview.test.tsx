// @vitest-environment node
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { renderToString } from "react-dom/server";
import { expect, test } from "vitest";
import type { Overview } from "@/lib/clusters/schema";
import { useOverview } from "./use-overview";

const EMPTY: Overview = { clusters: [], shadowed: [], lostKey: null };

function Reader() {
  return <p>{useOverview(EMPTY).overview === EMPTY ? "as read" : "lost"}</p>;
}

test("the overview can be written on the server, where there is no document", () => {
  expect(typeof document).toBe("undefined");
  const html = renderToString(
    <QueryClientProvider client={new QueryClient()}>
      <Reader />
    </QueryClientProvider>,
  );
  expect(html).toBe("<p>as read</p>");
});
