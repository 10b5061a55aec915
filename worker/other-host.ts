import type { WorkerSettings } from "./env.ts";
import { ErrorPage } from "./pages/error.tsx";
import { isNavigation, varies } from "./pages/navigation.ts";
import { renderPage } from "./pages/render.ts";

/**
 * A token is bound to the origin, so the same Worker under another name (127.0.0.1, an old
 * workers.dev name) would be a second server at which no token works. It answers 404 and names the right
 * address; this also keeps a rebound DNS name away from every route. The `Host` header counts beside the URL:
 * at Cloudflare the two are the same, but a proxy in front of the Worker elsewhere may make them differ.
 */
export function otherHost(
  request: Request,
  url: URL,
  settings: WorkerSettings,
): Response | undefined {
  const { origin } = settings;
  const own = new URL(origin);
  const host = request.headers.get("host");
  const named = host === null ? own : URL.parse(`${url.protocol}//${host}`);
  if (url.host === own.host && named?.hostname === own.hostname) return undefined;
  const text = `This server answers at ${origin}/ only.`;
  if (!isNavigation(request)) return new Response(text, { status: 404, headers: varies });
  const problem = { title: "This server has another address", text };
  // Style and icon come from there as well: here they would be another 404.
  const page = ErrorPage({ settings, problem, assetOrigin: origin });
  return renderPage(page, 404, new Headers(varies), origin);
}
