import "server-only";
import { createCoalescer } from "../coalesce";
import { singleton } from "../singleton";
import { openJournal } from "./open-journal";
import type { ChainState } from "./schema";
import { NOTHING_VERIFIED, verifyChain, type Verdict, type Verified } from "./verify-chain";

const FRESH_MS = 3_000;
/** Between two looks at every row, those in between look at new rows only. */
const WHOLE_EVERY_MS = 15 * 60_000;

interface Looked {
  verdict: Verdict;
  state: ChainState;
  /** The furthest end that this process has seen. A chain that was cut or made anew does not lead there any more. */
  known: Verified;
}
const looks = () =>
  singleton("audit.chain", () => ({ last: null as Looked | null, share: createCoalescer<Looked>(FRESH_MS) }));

/**
 * Whether the chain holds. All who ask at once share one look. `whole` reads every row; else, for a while, only what was
 * written since the last look is read.
 */
export async function readChainState(whole = false): Promise<ChainState> {
  const { last, share } = looks();
  const isWhole = whole || !last?.verdict.ok || Date.now() - Date.parse(last.state.wholeAt) > WHOLE_EVERY_MS;
  const { state } = await share(isWhole ? "whole" : "new", () => look(isWhole));
  return state;
}

async function look(isWhole: boolean): Promise<Looked> {
  const { last } = looks();
  const before = isWhole ? null : last;
  const checkedAt = new Date().toISOString();
  const known = last?.known ?? NOTHING_VERIFIED;
  const verdict = await verifyChain(await openJournal(), { from: before?.verdict.upTo, known });
  const state: ChainState = {
    count: verdict.upTo.seq,
    broken: verdict.ok ? null : { seq: verdict.seq, fault: verdict.fault },
    checkedAt,
    wholeAt: before?.state.wholeAt ?? checkedAt,
  };
  const looked = { verdict, state, known: verdict.ok ? verdict.upTo : known };
  looks().last = looked;
  return looked;
}
