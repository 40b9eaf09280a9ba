"use client";

import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { PersonProvider } from "@/components/account/person";
import { SessionWatch } from "@/components/account/session-watch";
import { Announcer } from "@/components/ui/announcer";
import { useTyping } from "./use-typing";

export function Providers({ personName, children }: { personName: string | null; children: ReactNode }) {
  const [client] = useState(
    () =>
      new QueryClient({
        defaultOptions: { queries: { retry: false, refetchOnWindowFocus: true, networkMode: "always" } },
      }),
  );
  useTyping();
  return (
    <QueryClientProvider client={client}>
      <PersonProvider name={personName}>
        <Announcer>{children}</Announcer>
        <SessionWatch name={personName} />
      </PersonProvider>
    </QueryClientProvider>
  );
}
