import type { ShownProblem } from "../show-problem.ts";

const minute = 60;

/**
 * For a person who has to wait: a page that says how long, and leads back.
 * @param what "sign-ins", in the plural.
 * @param retryAfter in seconds.
 * @param returnTo page of ours that tries again.
 */
export function explainTooMany(what: string, retryAfter: number, returnTo: string): ShownProblem {
  const problem = {
    title: `Too many ${what}`,
    text: `There were too many ${what} from here. Wait ${describeTime(retryAfter)}, then try again.`,
  };
  const headers = new Headers({ "retry-after": String(retryAfter) });
  return { problem, status: 429, returnTo, headers };
}

function describeTime(seconds: number): string {
  if (seconds < minute) return seconds === 1 ? "a second" : `${seconds} seconds`;
  const minutes = Math.ceil(seconds / minute);
  return minutes === 1 ? "a minute" : `${minutes} minutes`;
}
