import type { WorkerSettings } from "../env.ts";
import type { Problem } from "../oauth/problems.ts";
import { ErrorPage } from "./error.tsx";
import { isNavigation, varies } from "./navigation.ts";
import { renderPage } from "./render.ts";

const nothingHere: Problem = {
  title: "There is no page here",
  text: "The address may be mistyped, or the page was removed.",
};

/** Answers 404 for a path that leads nowhere: a page for people, two words for clients. */
export function answerNotFound(request: Request, settings: WorkerSettings): Response {
  // Clients look there for documents, and nobody else has anything to look for.
  const isDocument = new URL(request.url).pathname.startsWith("/.well-known/");
  if (isDocument || !isNavigation(request)) {
    return new Response("Not found", { status: 404, headers: varies });
  }
  return renderPage(ErrorPage({ settings, problem: nothingHere }), 404, new Headers(varies));
}
