import type { WorkerSettings } from "../env.ts";
import { ErrorPage } from "../pages/error.tsx";
import { renderPage } from "../pages/render.ts";

const minute = 60;

/** A page for a person who has to wait, which says how long. @param what "sign-ins", in the plural. */
export function showTooMany(settings: WorkerSettings, what: string, retryAfter: number): Response {
  const problem = {
    title: `Too many ${what}`,
    text: `There were too many ${what} from here. Wait ${describeTime(retryAfter)}, then try again.`,
  };
  const headers = new Headers({ "retry-after": String(retryAfter) });
  return renderPage(ErrorPage({ settings, problem }), 429, headers);
}

function describeTime(seconds: number): string {
  if (seconds < minute) return seconds === 1 ? "a second" : `${seconds} seconds`;
  const minutes = Math.ceil(seconds / minute);
  return minutes === 1 ? "a minute" : `${minutes} minutes`;
}
