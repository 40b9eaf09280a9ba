"use client";

import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { Announcer } from "@/components/ui/announcer";

export function Providers({ children }: { children: ReactNode }) {
  const [client] = useState(
    () =>
      new QueryClient({
        defaultOptions: { queries: { retry: false, refetchOnWindowFocus: true, networkMode: "always" } },
      }),
  );
  return (
    <QueryClientProvider client={client}>
      <Announcer>{children}</Announcer>
    </QueryClientProvider>
  );
}
