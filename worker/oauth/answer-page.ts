import { type BrowserContext, comesFromOwnPage, readForm } from "./context.ts";
import { answerFailure, showProblem } from "./failure.ts";
import * as problems from "./problems.ts";

/** A page of this server with forms on it. */
export interface PageHandlers {
  show(): Promise<Response>;
  /** Takes a form that one of our own pages sent; an empty one where it could not be read. */
  take(form: FormData): Promise<Response>;
  /** The page itself, for who has to begin again; where a client asked, that client has to. */
  readonly returnTo?: string;
}

/** Answers a request for a page: GET shows it, POST takes its forms. What goes wrong is told. */
export async function answerPage(
  context: BrowserContext,
  { show, take, returnTo }: PageHandlers,
): Promise<Response> {
  const { request, settings } = context;
  try {
    if (request.method === "GET" || request.method === "HEAD") return await show();
    if (request.method !== "POST") {
      return new Response("Use GET or POST.", { status: 405, headers: { allow: "GET, POST" } });
    }
    if (!comesFromOwnPage(request, settings.origin)) {
      return showProblem(context, problems.foreignForm, 403, {
        ...(returnTo !== undefined && { returnTo }),
      });
    }
    return await take((await readForm(request)) ?? new FormData());
  } catch (error) {
    return answerFailure(error, context);
  }
}
