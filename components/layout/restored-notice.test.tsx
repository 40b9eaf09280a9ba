import { fireEvent, screen, waitFor } from "@testing-library/react";
import { expect, test, vi } from "vitest";
import { LOCALES, show } from "@/components/testing/show";
import { RestoredNotice } from "./restored-notice";

const refresh = vi.hoisted(() => vi.fn());
vi.mock("next/navigation", () => ({ useRouter: () => ({ refresh }) }));

const notice = { at: "2026-05-05T10:00:00.000Z", from: "monday.db", closed: { plans: 2, intents: 1, approvals: 0 } };

test.each(LOCALES)(
  "it names the backup, and what was closed, and goes when somebody has taken note (%s)",
  async (locale) => {
    refresh.mockClear();
    const onNoted = vi.fn(() => Promise.resolve({ ok: true as const, value: null }));
    const { container } = show(<RestoredNotice notice={notice} onNoted={onNoted} />, { locale });
    expect(container.textContent).toContain("monday.db");
    expect(container.textContent).toMatch(
      locale === "en" ? /2 plans .*1 stop or run .*0 approvals/ : /2 个.*1 个.*0 个/,
    );
    fireEvent.click(screen.getByRole("button"));
    await waitFor(() => expect(refresh).toHaveBeenCalledTimes(1));
    expect(onNoted).toHaveBeenCalledTimes(1);
  },
);

test("one that could not be noted stays, and says why", async () => {
  refresh.mockClear();
  const failure = {
    kind: "not-allowed" as const,
    params: { person: "li.wei", role: "administrator", place: "Standdown" },
  };
  show(<RestoredNotice notice={notice} onNoted={() => Promise.resolve({ ok: false, failure })} />);
  fireEvent.click(screen.getByRole("button"));
  expect((await screen.findByRole("alert")).textContent).toContain("li.wei");
  expect(refresh).not.toHaveBeenCalled();
});
