import { UserError } from "../errors.ts";

/** A question about a new server, and how its answer is given without one. */
export interface ServerQuestion {
  readonly message: string;
  /** The answer if the person only presses Enter. */
  readonly usual?: string | undefined;
  /** Says what is wrong with an answer; undefined for a good one. */
  readonly findProblem: (answer: string) => string | undefined;
}

export function isSomebodyThere(): boolean {
  return process.stdin.isTTY === true && process.stderr.isTTY === true;
}

/**
 * Asks the person at the terminal for one line.
 * @throws UserError when they cancel.
 */
export async function askFor({ message, usual, findProblem }: ServerQuestion): Promise<string> {
  const { isCancel, text } = await import("@clack/prompts");
  const answer = await text({
    message,
    output: process.stderr,
    ...(usual !== undefined && { placeholder: usual, defaultValue: usual }),
    validate: (given) => findProblem(given || usual || ""),
  });
  if (isCancel(answer)) throw new UserError("Nothing was changed.");
  return answer;
}
