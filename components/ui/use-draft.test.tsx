import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, expect, test } from "vitest";
import { useDraft } from "./use-draft";

function Reason({ matter }: { matter: string }) {
  const [text, keep] = useDraft(matter);
  return <input aria-label={matter} value={text} onChange={(event) => keep(event.currentTarget.value)} />;
}
const field = (matter: string) => screen.getByLabelText<HTMLInputElement>(matter);

afterEach(cleanup);

test("what was typed is there again when its field went with one look and came back with the next", () => {
  const { rerender } = render(<Reason matter="close 1" />);
  fireEvent.change(field("close 1"), { target: { value: "INC-4471" } });
  rerender(<></>);
  rerender(<Reason matter="close 1" />);
  expect(field("close 1").value).toBe("INC-4471");
});

test("it belongs to its matter alone, and what was cleared is gone", () => {
  render(<Reason matter="close 2" />);
  expect(field("close 2").value).toBe("");
  fireEvent.change(field("close 2"), { target: { value: "x" } });
  fireEvent.change(field("close 2"), { target: { value: "" } });
  cleanup();
  render(<Reason matter="close 2" />);
  expect(field("close 2").value).toBe("");
});
