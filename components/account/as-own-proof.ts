import type { Failure } from "@/lib/errors";

/** Who is signed in proves it with one thing alone: no name is typed there, and no backup code is taken. */
export function asOwnProof(failure: Failure): Failure {
  if (failure.kind === "password-wrong") return { ...failure, kind: "own-password-wrong" };
  if (failure.kind === "code-wrong") return { ...failure, kind: "own-code-wrong" };
  return failure;
}
