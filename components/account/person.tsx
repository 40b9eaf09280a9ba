"use client";

import { createContext, useContext, type ReactNode } from "react";

const PersonContext = createContext<string | null>(null);

export function PersonProvider({ name, children }: { name: string | null; children: ReactNode }) {
  return <PersonContext value={name}>{children}</PersonContext>;
}

/** The name of whoever is signed in; null on the sign-in page. */
export const usePersonName = (): string | null => useContext(PersonContext);
