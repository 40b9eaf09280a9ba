"use client";

import { useState } from "react";
import type { ClusterDraft, Environment } from "@/lib/clusters/schema";
import type { Failure } from "@/lib/errors";
import { parseAgents } from "./parse-agents";

/** What stands in the fields. Kept in this tab alone, and through every refusal. */
export interface FormValues {
  id: string;
  name: string;
  environment: Environment;
  agents: string;
  password: string;
  hasTls: boolean;
  ca: string;
  cert: string;
  key: string;
  twoPerson: boolean;
}

/** What is stored and may be kept by leaving its field empty. */
export interface KeptSecrets {
  password: boolean;
  tlsKey: boolean;
}

const ID = /^[a-z0-9][a-z0-9-]{0,62}$/;

/** An id that suits a name, until one is typed. */
const idFrom = (name: string): string =>
  name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 63);

export type Missing = "missingName" | "missingId" | "missingAgents" | "missingPassword" | "missingCa";

/** With another one of these the stored password may be kept again. */
const CHANGES_THE_WAY: ReadonlySet<keyof FormValues> = new Set(["agents", "password", "hasTls", "ca"]);

/** The fields, what they amount to, and what is missing before they can be tested or saved. */
export function useClusterForm(initial: FormValues, { isNew, kept }: { isNew: boolean; kept: KeptSecrets }) {
  const [values, setValues] = useState(initial);
  const [isIdTyped, setIdTyped] = useState(!isNew);
  /** The console would not keep the stored password for what stands in the fields. */
  const [isPasswordAsked, askPassword] = useState(false);
  const id = isIdTyped ? values.id : idFrom(values.name);
  const { agents, unknown, badPort } = parseAgents(values.agents);

  const set = <Name extends keyof FormValues>(name: Name, value: FormValues[Name]) => {
    if (name === "id") setIdTyped(true);
    if (CHANGES_THE_WAY.has(name)) askPassword(false);
    setValues((before) => ({ ...before, [name]: value }));
  };

  const needsPassword = !isNew && !kept.password && values.password === "";
  const toTest: Missing[] = [
    ...(agents.length + unknown.length + badPort.length === 0 ? (["missingAgents"] as const) : []),
    ...(needsPassword ? (["missingPassword"] as const) : []),
    ...(values.hasTls && values.ca.trim() === "" ? (["missingCa"] as const) : []),
  ];
  const toSave: Missing[] = [
    ...(values.name.trim() === "" ? (["missingName"] as const) : []),
    ...(ID.test(id) ? [] : (["missingId"] as const)),
    ...toTest,
  ];
  const draft = (): ClusterDraft => ({
    name: values.name.trim() || "—",
    environment: values.environment,
    agents,
    twoPerson: values.twoPerson,
    password: !isNew && values.password === "" ? null : values.password,
    tls: values.hasTls
      ? { ca: values.ca, cert: values.cert, key: values.key.trim() === "" && kept.tlsKey ? null : values.key }
      : null,
  });
  return {
    values: { ...values, id },
    set,
    agents,
    unknown,
    badPort,
    /** Some of the addresses cannot be used, whatever the others are. */
    hasWrongAgents: unknown.length + badPort.length > 0,
    isPasswordAsked,
    /** What a refusal says about a field is shown at the field as well. */
    tell: (failure: Failure) => askPassword(failure.kind === "password-needed"),
    isIdWrong: id !== "" && !ID.test(id),
    toTest,
    toSave,
    draft,
  };
}

export type ClusterForm = ReturnType<typeof useClusterForm>;
