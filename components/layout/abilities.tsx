"use client";

import { createContext, useContext, type ReactNode } from "react";
import type { SettingAside, TakingBack } from "@/lib/clusters/schema";
import type { Result } from "@/lib/errors";

/** What the person here may do with this cluster. The server side decides; the screen only mirrors it. */
export interface Abilities {
  mayStop: boolean;
  clusterName: string;
  /** Sets a member aside for the majority verdict; null for whoever may not. */
  setAside: ((asked: SettingAside) => Promise<Result<null>>) | null;
  takeBack: ((asked: TakingBack) => Promise<Result<null>>) | null;
}

const AbilitiesContext = createContext<Abilities>({ mayStop: true, clusterName: "", setAside: null, takeBack: null });

export function AbilitiesProvider({ value, children }: { value: Abilities; children: ReactNode }) {
  return <AbilitiesContext value={value}>{children}</AbilitiesContext>;
}

export const useAbilities = (): Abilities => useContext(AbilitiesContext);
