"use server";

import { randomUUID } from "node:crypto";
import {
  activeChangeSchema,
  addPerson as add,
  changeGrants as writeGrants,
  grantChangeSchema,
  nameOf,
  newPersonSchema,
  personRefSchema,
  resetPerson as reset,
  setActive as activate,
} from "@/lib/auth/manage-people";
import { defineAction } from "@/lib/gate/define-action";

export const addPerson = defineAction({
  input: newPersonSchema,
  permission: "person.manage",
  audit: {
    open: ({ name, grants }) => ({
      id: randomUUID(),
      action: "person.add",
      cluster: null,
      detail: { text: [name, ...grants.map((grant) => `${grant.role} ${grant.target || "everywhere"}`)].join(" · ") },
    }),
    close: () => null, // written with it
  },
  run: (input, { tell }) => add(input, tell("finished")),
});

export const changeGrants = defineAction({
  input: grantChangeSchema,
  permission: "person.manage",
  audit: {
    open: async ({ id, grants }) => ({
      id: randomUUID(),
      action: "person.change",
      cluster: null,
      detail: {
        text: [await nameOf(id), ...grants.map((grant) => `${grant.role} ${grant.target || "everywhere"}`)].join(" · "),
      },
    }),
    close: () => null, // written with it
  },
  run: (input, { tell }) => writeGrants(input, tell("finished")),
});

export const setActive = defineAction({
  input: activeChangeSchema,
  permission: "person.manage",
  audit: {
    open: async ({ id, isActive }) => ({
      id: randomUUID(),
      action: "person.change",
      cluster: null,
      detail: { text: `${await nameOf(id)} · ${isActive ? "activated" : "deactivated"}` },
    }),
    close: () => null, // written with it
  },
  run: (input, { tell }) => activate(input, tell("finished")),
});

export const resetPerson = defineAction({
  input: personRefSchema,
  permission: "person.manage",
  audit: {
    open: async ({ id }) => ({
      id: randomUUID(),
      action: "person.change",
      cluster: null,
      detail: { text: `${await nameOf(id)} · new one-time password, second factor removed` },
    }),
    close: () => null, // written with it
  },
  run: (input, { tell }) => reset(input, tell("finished")),
});
