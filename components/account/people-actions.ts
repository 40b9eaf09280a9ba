import type { Grant } from "@/lib/auth/schema";
import type { Result } from "@/lib/errors";

/** What the people page can do, handed down by the page. */
export interface PeopleActions {
  addPerson: (person: { name: string; grants: Grant[] }) => Promise<Result<{ password: string }>>;
  changeGrants: (change: { id: string; grants: Grant[] }) => Promise<Result<null>>;
  setActive: (change: { id: string; isActive: boolean }) => Promise<Result<null>>;
  resetPerson: (person: { id: string }) => Promise<Result<{ password: string }>>;
}
