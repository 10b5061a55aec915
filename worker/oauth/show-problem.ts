import type { WorkerSettings } from "../env.ts";
import { ErrorPage } from "../pages/error.tsx";
import { renderPage } from "../pages/render.ts";
import type { Problem } from "./problems.ts";

/** A problem, and how it is shown to a person. */
export interface ShownProblem {
  readonly problem: Problem;
  /** HTTP status of the page. */
  readonly status: number;
  /** Page of ours that tries again. Default: the page offers none. */
  readonly returnTo?: string | undefined;
  /** Headers that the page has besides its own. */
  readonly headers?: Headers | undefined;
}

/** The page that says what is wrong, and what to do next. */
export function showProblem(
  { settings }: { readonly settings: WorkerSettings },
  { problem, status, returnTo, headers }: ShownProblem,
): Response {
  return renderPage(ErrorPage({ settings, problem, returnTo }), status, headers);
}
