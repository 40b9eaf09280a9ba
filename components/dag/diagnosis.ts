import type { Run, RunCause } from "@/lib/tasks/schema";

type Problem = Run["problems"][number];
/** One sentence, and what the engine wrote about it. */
export interface Finding extends Problem {
  engine: string[];
}

/** They only say that somebody was left out; who knows why says it better. */
const SUMMARIES: ReadonlySet<RunCause> = new Set(["not-created", "not-done"]);

const wordsOf = ({ agentCode, agentMessage }: Problem): string[] => {
  const words = [agentCode, agentMessage].filter(Boolean).join(": ");
  return words === "" ? [] : [words];
};

/** A sum of others is folded into them where they name every agent that it names: its words stand below theirs. */
export function findingsOf(problems: readonly Problem[]): Finding[] {
  const reasons = problems.filter(({ cause }) => !SUMMARIES.has(cause));
  const reasonOf = (agent: string) => reasons.find(({ agents }) => agents.includes(agent));
  const isExplained = ({ cause, agents }: Problem): boolean =>
    SUMMARIES.has(cause) && agents.length > 0 && agents.every(reasonOf);
  const folded = problems.filter(isExplained);
  return problems
    .filter((problem) => !folded.includes(problem))
    .map((problem) => {
      const sums = folded.filter(({ agents: [first = ""] }) => reasonOf(first) === problem);
      return { ...problem, engine: [problem, ...sums].flatMap(wordsOf) };
    });
}

/** There is something to say about a run besides its steps. */
export const hasNews = (run: Run): boolean =>
  run.endedAt !== null ||
  run.state === "UNKNOWN" ||
  run.problems.length > 0 ||
  run.followUps.length > 0 ||
  run.continues !== null ||
  run.offers.some(({ kind }) => kind === "escalate");
