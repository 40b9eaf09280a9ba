import { act } from "@testing-library/react";
import { useState, type ReactNode } from "react";
import { hydrateRoot } from "react-dom/client";
import { renderToString } from "react-dom/server";
import { afterEach, expect, test } from "vitest";
import { useTyping } from "./use-typing";

/** A page with a field that it keeps in its state, and a way to have it painted once more. */
function Page({ field }: { field: (text: string, keep: (text: string) => void) => ReactNode }) {
  useTyping();
  const [text, keep] = useState("");
  const [paints, setPaints] = useState(0);
  return (
    <>
      {field(text, keep)}
      <output>{text}</output>
      <button onClick={() => setPaints(paints + 1)}>{paints}</button>
    </>
  );
}

const FIELDS: Record<string, (text: string, keep: (text: string) => void) => ReactNode> = {
  "a line": (text, keep) => <input value={text} onChange={(event) => keep(event.currentTarget.value)} />,
  "a password": (text, keep) => (
    <input type="password" value={text} onChange={(event) => keep(event.currentTarget.value)} />
  ),
  "a search": (text, keep) => <input type="search" value={text} onChange={(event) => keep(event.target.value)} />,
  "an area": (text, keep) => <textarea value={text} onChange={(event) => keep(event.currentTarget.value)} />,
  "a moment": (text, keep) => (
    <input type="datetime-local" value={text} onChange={(event) => keep(event.currentTarget.value)} />
  ),
};

afterEach(() => document.body.replaceChildren());

/** The page as the server sends it; then somebody types; then the page takes over. */
async function takeOver(page: ReactNode, type: (field: HTMLInputElement) => void) {
  const root = document.body.appendChild(document.createElement("div"));
  root.innerHTML = renderToString(page);
  const field = root.querySelector<HTMLInputElement>("input, textarea");
  if (!field) throw new Error("The page has no field.");
  type(field);
  await act(async () => void hydrateRoot(root, page));
  return { root, field };
}

test.each(Object.keys(FIELDS))(
  "what is typed into %s before the page takes over is the page's, and stays",
  async (name) => {
    const typed = name === "a moment" ? "2026-11-23T03:12" : "prod-core";
    const { root, field } = await takeOver(
      <Page field={FIELDS[name] ?? (() => null)} />,
      (element) => (element.value = typed),
    );
    expect(root.querySelector("output")?.textContent).toBe(typed);
    act(() => root.querySelector("button")?.click());
    expect(field.value).toBe(typed);
  },
);

test("what the server wrote into a field is not taken for typed", async () => {
  const told: string[] = [];
  const field = (text: string) => (
    <input value={text || "as it was"} onChange={(event) => told.push(event.currentTarget.value)} />
  );
  await takeOver(<Page field={field} />, () => undefined);
  expect(told).toEqual([]);
});
