import { ErrorPage } from "../../pages/error.tsx";
import { renderPage } from "../../pages/render.ts";
import type { BrowserContext } from "../context.ts";

const minute = 60;

/**
 * A page for a person who has to wait, which says how long and leads back.
 * @param what "sign-ins", in the plural.
 * @param retryAfter in seconds.
 */
export function showTooMany(
  { request, settings }: Pick<BrowserContext, "request" | "settings">,
  what: string,
  retryAfter: number,
): Response {
  const problem = {
    title: `Too many ${what}`,
    text: `There were too many ${what} from here. Wait ${describeTime(retryAfter)}, then try again.`,
  };
  const headers = new Headers({ "retry-after": String(retryAfter) });
  return renderPage(ErrorPage({ settings, problem, returnTo: request.url }), 429, headers);
}

function describeTime(seconds: number): string {
  if (seconds < minute) return seconds === 1 ? "a second" : `${seconds} seconds`;
  const minutes = Math.ceil(seconds / minute);
  return minutes === 1 ? "a minute" : `${minutes} minutes`;
}
