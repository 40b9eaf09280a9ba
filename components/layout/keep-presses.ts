declare global {
  interface Event {
    /** Set by the page when it has taken the event. */
    isHeard?: boolean;
  }
}

/** Told by the page's body when it listens, and when it is taken away. */
export const LISTENS = "standdown:listens";
export const LISTENS_NO_MORE = "standdown:listens-no-more";

/**
 * Runs in the page before any script has come. On a slow line a person presses what the server has drawn before anybody
 * listens: the press is kept, its control shows that it is, and it is given to the page once that listens. A control that
 * does not answer is pressed again, so several presses of one are one. Its text is put into the page, so it uses nothing
 * from outside itself.
 */
export function keepPresses(listens: string, listensNoMore: string): void {
  const GIVE_UP_AFTER = 600;
  const TRY_EVERY_MS = 50;
  /** The page also reads what it alone remembers, before it is drawn as it is. */
  const SETTLE_MS = 20;
  interface Press {
    by: Element;
    key?: string;
    give: () => unknown;
  }
  let kept: Press[] = [];
  let isListened = false;
  let isLeft = false;
  let isGiving = false;
  let isWaiting = false;
  let tries = 0;
  let isAwaited = false;
  let keysGo: { from: Element; to: Element } | undefined;

  const drop = (press: Press) => {
    kept = kept.filter((other) => other !== press);
    if (!kept.some(({ by }) => by === press.by)) press.by.removeAttribute("data-kept");
    tries = 0;
    wait(0);
  };
  /** Asks whether the page listens there, which what is streamed does later; gives the press a moment after, and once. */
  const giveNext = () => {
    isWaiting = false;
    const [press] = kept;
    if (!press || !isListened) return;
    if (isAwaited) {
      isAwaited = false;
      isGiving = true;
      press.give();
      isGiving = false;
      return drop(press);
    }
    const question = new MouseEvent("auxclick", { bubbles: true }); // nobody does anything on it
    press.by.dispatchEvent(question);
    isAwaited = question.isHeard === true;
    tries += 1;
    if (!press.by.isConnected || tries > GIVE_UP_AFTER) drop(press);
    else wait(isAwaited ? SETTLE_MS : TRY_EVERY_MS);
  };
  const wait = (ms: number) => {
    if (isWaiting) return;
    isWaiting = true;
    setTimeout(giveNext, ms);
  };
  const keep = (press: Press) => {
    if (isLeft) return; // what stands there instead listens to its own
    const isAgain = kept.some((other) => other.by === press.by && other.key === press.key);
    const repeats = press.key !== undefined && press.key !== " " && press.key !== "Enter";
    if (!isAgain || repeats) kept.push(press);
    else kept = kept.map((other) => (other.by === press.by && other.key === press.key ? press : other));
    press.by.setAttribute("data-kept", "");
    if (isListened) wait(TRY_EVERY_MS);
  };

  /** A control that is pressed again, and answers now, is not pressed twice. */
  const forget = (target: Element) => {
    for (const press of kept.filter(({ by, key }) => key === undefined && by.contains(target))) {
      if (press === kept[0]) isAwaited = false;
      drop(press);
    }
  };
  const stateOf = (control: Element): string | null => {
    const names = ["aria-checked", "aria-selected", "aria-pressed", "aria-expanded"];
    const own = names.map((name) => control.getAttribute(name)).find((state) => state !== null);
    return own ?? control.querySelector("[aria-checked]")?.getAttribute("aria-checked") ?? null;
  };
  const keepClick = (event: MouseEvent, target: Element) => {
    const box = target instanceof HTMLInputElement && /^(checkbox|radio)$/.test(target.type) ? target : null;
    if (box) {
      const wanted = box.checked; // it has changed already
      const give = () => {
        if (box.checked === wanted) box.checked = !wanted;
        box.click();
      };
      return keep({ by: box, give });
    }
    // Links and fields do without the page, and so does what sends a form.
    const by = target.closest("a[href], summary, label, input, select, textarea, button, [role], [tabindex]");
    if (!by || by.matches("a[href], summary, label, input, select, textarea, [aria-disabled=true]")) return;
    if (by instanceof HTMLButtonElement && by.form && by.type === "submit") return;
    const { shiftKey, clientX, clientY } = event;
    const how = { bubbles: true, cancelable: true, shiftKey, clientX, clientY };
    // A row is one control wherever it is pressed, but for the box of a zone's.
    const control = target.closest("[data-tick], [data-key]") ?? by;
    const seen = stateOf(control);
    const give = () => {
      // What was ticked before is known to the page alone: whoever pressed a box without a tick wanted it ticked.
      if (seen !== null && stateOf(control) === (seen === "true" ? "false" : "true")) return;
      target.dispatchEvent(new MouseEvent("click", how));
    };
    keep({ by: control, give });
  };
  const keepKey = (event: KeyboardEvent, target: Element) => {
    const { key, code, shiftKey } = event;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (key.length > 1 && !/^(Arrow|Page|Home$|End$|Enter$)/.test(key)) return;
    if (target.closest("input, select, textarea, a[href], button, summary")) return;
    if (key === " " && target.matches("[role]")) event.preventDefault(); // it would only scroll
    const how = { bubbles: true, cancelable: true, key, code, shiftKey };
    const give = () => {
      const to = keysGo?.from === target ? (document.activeElement ?? target) : target; // focus moves with them
      keysGo = { from: target, to };
      return to.dispatchEvent(new KeyboardEvent("keydown", how));
    };
    keep({ by: target, key, give });
  };
  const keepForm = (event: SubmitEvent, form: HTMLFormElement) => {
    if (form.hasAttribute("action")) return; // it does without the page
    event.preventDefault(); // what is typed would go into the address
    keep({ by: form, give: () => form.requestSubmit(event.submitter) });
  };
  const keepChoice = (field: HTMLSelectElement) => {
    const wanted = field.value;
    const give = () => {
      field.value = wanted;
      return field.dispatchEvent(new Event("change", { bubbles: true }));
    };
    keep({ by: field, give });
  };

  const afterPage = (event: Event) => {
    const { target } = event;
    if (isGiving || !(target instanceof Element)) return;
    if (event.isHeard) return event.type === "click" ? forget(target) : undefined;
    if (event instanceof SubmitEvent && target instanceof HTMLFormElement) keepForm(event, target);
    else if (event instanceof KeyboardEvent) keepKey(event, target);
    else if (event instanceof MouseEvent) keepClick(event, target);
    else if (event.type === "change" && target instanceof HTMLSelectElement) keepChoice(target);
  };
  for (const type of ["click", "keydown", "submit", "change"]) {
    window.addEventListener(
      type,
      () => {
        // The page's own listener is on the document and came before: this one sees what it made of the event. Of a change
        // the page hears on the way back only.
        document.addEventListener(type, afterPage, { capture: type !== "change", once: true });
      },
      true,
    );
  }
  window.addEventListener(listens, () => {
    isListened = true;
    isLeft = false;
    wait(0);
  });
  window.addEventListener(listensNoMore, () => {
    isListened = false;
    isLeft = true;
  });
}
