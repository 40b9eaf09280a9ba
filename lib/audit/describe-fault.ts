import "server-only";
import type { ChainFault } from "./schema";

const SENTENCES: Record<ChainFault, (seq: number) => string> = {
  missing: (seq) => `row ${seq} is missing`,
  changed: (seq) => `row ${seq} was changed; its hash does not fit it any more`,
  link: (seq) => `row ${seq} does not follow row ${seq - 1}; one of the two was changed together with its hash`,
  columns: (seq) => `row ${seq} was changed; its columns and its line disagree`,
  head: (seq) => `row ${seq} is not the end that was written down; it or that note was changed`,
  extra: (seq) => `row ${seq} stands behind the end that was written down`,
};

/** For the commands; the pages have these sentences in both languages. */
export const describeFault = ({ seq, fault }: { seq: number; fault: ChainFault }): string => SENTENCES[fault](seq);
