import { cleanup, render, screen } from "@testing-library/react";
import { NextIntlClientProvider } from "next-intl";
import { afterEach, expect, test } from "vitest";
import { MESSAGES } from "@/lib/i18n/messages";
import type { PartResult } from "@/lib/lifecycle/schema";
import { PartList } from "./part-list";

afterEach(cleanup);

const part = (agent: string, result: PartResult["result"], change: Partial<PartResult> = {}): PartResult => ({
  ...{ agent, taskId: agent, does: "release", result, agentCode: null },
  ...change,
});

function lines(parts: PartResult[], action: "cancel" | "release", locale: "en" | "zh" = "en"): (string | null)[] {
  render(
    <NextIntlClientProvider locale={locale} messages={MESSAGES[locale]} timeZone="UTC">
      <PartList parts={parts} action={action} />
    </NextIntlClientProvider>,
  );
  return screen.getAllByRole("listitem").map((item) => item.textContent);
}

test("each agent has its own result, the worst first, with the engine's code", () => {
  const parts = [
    part("a:1", "done"),
    part("b:1", "already"),
    part("c:1", "silent"),
    part("d:1", "refused", { agentCode: "Task.X" }),
  ];
  expect(lines(parts, "release")).toEqual([
    "d:1✕RefusedTask.X",
    "c:1?Did not answer: it may have been done",
    "b:1✓Was already free",
    "a:1✓Done",
  ]);
});

test("a cancelled run that was over is not called free", () => {
  const parts = [part("a:1", "already", { does: "cancel" }), part("b:1", "not-sent")];
  expect(lines(parts, "cancel", "zh")).toEqual(["b:1释放⊘未发送", "a:1取消任务✓此前已结束"]);
});
