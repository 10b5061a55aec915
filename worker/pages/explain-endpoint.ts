import type { WorkerSettings } from "../env.ts";
import { EndpointPage } from "./endpoint.tsx";
import { isNavigation, varies } from "./navigation.ts";
import { renderPage } from "./render.ts";

/**
 * The answer for a person who opens the address of an endpoint: a page that says what it is for, with
 * the challenge that clients get. Everybody else gets the answer unchanged.
 * @param path of the endpoint.
 */
export function explainEndpoint(
  response: Response,
  { request, settings, path }: { request: Request; settings: WorkerSettings; path: string },
): Response {
  const challenge = response.headers.get("www-authenticate");
  if (response.status !== 401 || challenge === null || !isNavigation(request)) return response;
  const headers = new Headers({ "www-authenticate": challenge, ...varies });
  return renderPage(EndpointPage({ settings, path }), 401, headers);
}
