import { postAuth } from "./post-auth";

/** Signs out, forgets what was picked in this tab, and shows the sign-in page. */
export async function leave(how: "sign-out" | "sign-out-everywhere"): Promise<void> {
  await postAuth(how);
  try {
    sessionStorage.clear();
  } catch {
    // Storage is off; then nothing is kept there.
  }
  window.location.replace("/login");
}
