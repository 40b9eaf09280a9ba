"use client";

import { createContext, useContext, type ReactNode } from "react";

/** What the person here may do with this cluster. The server side decides; the screen only mirrors it. */
export interface Abilities {
  mayStop: boolean;
  clusterName: string;
}

const AbilitiesContext = createContext<Abilities>({ mayStop: true, clusterName: "" });

export function AbilitiesProvider({ value, children }: { value: Abilities; children: ReactNode }) {
  return <AbilitiesContext value={value}>{children}</AbilitiesContext>;
}

export const useAbilities = (): Abilities => useContext(AbilitiesContext);
