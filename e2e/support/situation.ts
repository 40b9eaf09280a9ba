import type { Page } from "@playwright/test";

/** The part of a run's page that says what happened, and what to do next. */
export const situation = (page: Page) =>
  page.getByRole("region", { name: "What happened, where the servers are now, what to do next" });
