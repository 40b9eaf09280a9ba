import { expect } from "@playwright/test";
import { builtActions, callAction, fill } from "./support/built";
import { addPerson, onStore } from "./support/people";
import { ADMINISTRATOR, signIn, signInBrowser } from "./support/sign-in";
import { test } from "./support/standdown";
import { dialog, go, opener, review, servers, settled, stopsSent } from "./support/stop";

const action = (name: string) => {
  const found = builtActions().find((candidate) => candidate.name === name);
  if (!found) throw new Error(`the build has no action ${name}`);
  return found;
};

test("a viewer sees everything and can stop nothing, by screen or by a hand-made request", async ({
  browser,
  standdown,
}) => {
  const console = await standdown({ scenario: "medium", environment: "TEST" });
  const [target = ""] = servers(console, "zone1", 1);
  const viewer = await addPerson(console, "vera", [{ role: "viewer", level: "cluster", target: console.clusterId }]);
  const context = await browser.newContext({ locale: "en-GB" });
  await signInBrowser(context, console.url, viewer);
  const seen = await context.newPage();
  await seen.goto(`${console.url}${console.clusterPath}`);
  await seen.getByRole("treegrid").getByText(target).waitFor();
  await seen.getByRole("checkbox", { name: new RegExp(target) }).click();
  await expect(seen.getByText("You can view demo-medium. Stopping needs the role operator.").first()).toBeVisible();
  await expect(seen.getByRole("button", { name: /^Review stop/ })).toHaveAttribute("aria-disabled", "true");
  for (const path of ["/runs", "/audit"]) {
    await seen.goto(`${console.url}${console.clusterPath}${path}`);
    await expect(seen.getByRole("heading", { level: 1 })).toBeVisible();
  }
  await seen.goto(`${console.url}${console.clusterPath}/stop`); // past the button; the selection is kept
  await expect(seen.getByText("vera may not do this in demo-medium. Nothing was sent.")).toBeVisible();
  await expect(opener(seen)).toHaveCount(0);
  await context.close();

  // A plan of somebody who may, confirmed by somebody who may not.
  const page1 = fill(action("makePlan").page, { clusterId: console.clusterId });
  const admin = { cookie: await signIn(console.url, ADMINISTRATOR), page: page1 };
  const asked = {
    ...{ action: "stop", clusterId: console.clusterId, servers: [target], method: "stop" },
    ...{ releases: [], continues: null, cancels: null },
  };
  const { value } = await callAction(console.url, action("makePlan"), [asked], admin);
  const { value: plan } = value as { value: { id: string; fingerprint: string } }; // as the action answers
  const stolen = {
    ...asked,
    planId: plan.id,
    fingerprint: plan.fingerprint,
    reason: "INC-1 x",
    typedName: "demo-medium",
  };
  const asViewer = { cookie: await signIn(console.url, viewer), page: page1 };
  const { value: refused } = await callAction(console.url, action("confirmPlan"), [stolen], asViewer);
  expect(refused).toMatchObject({ ok: false, failure: { kind: "not-allowed" } });
  expect(stopsSent(console)).toHaveLength(0);
  const lines = await console.auditLines();
  expect(lines).toContainEqual(
    expect.objectContaining({ by: "vera", event: "refused", action: "cluster.stop", outcome: { kind: "not-allowed" } }),
  );
});

test("a session that ends over a Force plan keeps the reason, and has the cluster name typed again (ux §19)", async ({
  page,
  standdown,
}) => {
  const console = await standdown({ scenario: "medium", environment: "PROD", clusterName: "prod-core" });
  await review(page, console, servers(console, "zone1", 1), "force");
  await opener(page).click();
  await settled(page);
  await dialog(page).getByLabel("Reason").fill("INC-4471 disk failure");
  await dialog(page)
    .getByLabel(/Type the cluster name/)
    .fill("prod-core");
  await onStore(console, ["delete from session"]);

  const signInDialog = page.getByRole("dialog", { name: "You are signed out" });
  await expect(signInDialog).toBeVisible({ timeout: 20_000 });
  expect(stopsSent(console)).toHaveLength(0);
  await expect(signInDialog.getByLabel("Name")).toHaveValue(ADMINISTRATOR.name);
  await signInDialog.getByLabel("Password").fill("not the password");
  await signInDialog.getByRole("button", { name: "Sign in" }).click();
  await expect(signInDialog).toContainText("Name and password do not match.");
  await signInDialog.getByLabel("Password").fill(ADMINISTRATOR.password);
  await signInDialog.getByRole("button", { name: "Sign in" }).click();
  await expect(signInDialog).toHaveCount(0);

  await expect(dialog(page).getByLabel("Reason")).toHaveValue("INC-4471 disk failure");
  const typedName = dialog(page).getByLabel(/Type the cluster name/);
  await expect(typedName).toHaveValue("");
  await expect(go(page)).toHaveAttribute("aria-disabled", "true");
  await typedName.fill("prod-core");
  await expect(go(page)).not.toHaveAttribute("aria-disabled", "true", { timeout: 15_000 });
  await go(page).click();
  await page.waitForURL(/\/runs\/\d+$/);
  expect(stopsSent(console)).toHaveLength(1);
});
