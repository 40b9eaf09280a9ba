"use client";

import type { SignInProvider } from "@/lib/auth/schema";
import type { Failure } from "@/lib/errors";
import { ProviderLinks } from "./provider-links";
import { SignInForm, type FormStep } from "./sign-in-form";

/** The sign-in page's form. Going on is a whole new page: nothing of an earlier person is left in memory. */
export function Login({
  next,
  providers,
  step,
  failure,
}: {
  next: string;
  providers: readonly SignInProvider[];
  step: FormStep;
  failure: Failure | null;
}) {
  return (
    <>
      <SignInForm next={next} firstStep={step} firstFailure={failure} onDone={() => window.location.assign(next)} />
      <ProviderLinks providers={providers} next={next} />
    </>
  );
}
