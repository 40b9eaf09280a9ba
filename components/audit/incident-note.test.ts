import { expect, test } from "vitest";
import { incidentNote, plainText } from "./incident-note";

test("what people typed stays text in the note", () => {
  expect(plainText("disk\n# not a heading | <b>*x*</b>")).toBe("disk \\# not a heading \\| \\<b\\>\\*x\\*\\</b\\>");
});

test("a note names targets, request and steps in this order", () => {
  const note = incidentNote({
    title: "Stop 1 server in core [PROD]",
    facts: [["UTC", "2026-11-23 03:12:41 UTC"]],
    targets: { name: "Targets", addresses: ["10.0.1.1:2886"] },
    request: { name: "Request", text: "POST /api/v1/ob/stop\n\n{}" },
    steps: { name: "Steps", lines: ["2026-11-23 03:12:41 UTC · Recorded"] },
  });
  expect(note).toBe(
    [
      "## Stop 1 server in core \\[PROD\\]",
      "- **UTC**: 2026-11-23 03:12:41 UTC",
      "**Targets (1)**",
      "- `10.0.1.1:2886`",
      "**Request**",
      "```http\nPOST /api/v1/ob/stop\n\n{}\n```",
      "**Steps**",
      "1. 2026-11-23 03:12:41 UTC · Recorded\n",
    ].join("\n\n"),
  );
});
