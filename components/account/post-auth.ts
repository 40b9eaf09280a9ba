import { failureIn, type Result } from "@/lib/errors";
import { tellSignedOut } from "@/lib/signed-out";

/** Posts to one of the sign-in endpoints. The shape of the answer is not parsed again: both ends are one build. */
export async function postAuth<T>(path: string, body: object = {}): Promise<Result<T>> {
  let answer: unknown;
  let ok = false;
  try {
    const response = await fetch(`/api/auth/${path}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    ok = response.ok;
    answer = await response.json();
  } catch {
    return { ok: false, failure: { kind: "console-unreachable" } };
  }
  if (ok) return { ok: true, value: answer as T }; // safe: the endpoint of this path answers T
  const failure = failureIn(answer);
  if (!failure) return { ok: false, failure: { kind: "console-unreachable" } };
  if (failure.kind === "signed-out") tellSignedOut();
  return { ok: false, failure };
}
