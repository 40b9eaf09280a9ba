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
  const isExplained = (problem: Problem): boolean =>
    SUMMARIES.has(problem.cause) &&
    problem.agents.length > 0 &&
    problem.agents.every((agent) =>
      problems.some((other) => !SUMMARIES.has(other.cause) && other.agents.includes(agent)),
    );
  const folded = problems.filter(isExplained);
  const rest = problems.filter((problem) => !folded.includes(problem));
  return rest.map((problem, at) => ({
    ...problem,
    engine: [...wordsOf(problem), ...(at === 0 ? folded.flatMap(wordsOf) : [])],
  }));
}

/** There is something to say about a run besides its steps. */
export const hasNews = (run: Run): boolean =>
  run.endedAt !== null ||
  run.state === "UNKNOWN" ||
  run.problems.length > 0 ||
  run.followUps.length > 0 ||
  run.continues !== null ||
  run.offers.some(({ kind }) => kind === "escalate");
