import type { WorkerSettings } from "./env.ts";

/**
 * A token is bound to the origin, so the same Worker under another name (127.0.0.1, an old
 * workers.dev name) would be a second server that nothing fits. It answers 404 and names the right
 * address; this also keeps a rebound DNS name away from every route. The `Host` header counts beside the URL:
 * at Cloudflare the two are one, and whatever stands before the Worker elsewhere may part them.
 */
export function otherHost(
  { headers }: Request,
  url: URL,
  { origin }: WorkerSettings,
): Response | undefined {
  const own = new URL(origin);
  const host = headers.get("host");
  const named = host === null ? own : URL.parse(`${url.protocol}//${host}`);
  if (url.host === own.host && named?.hostname === own.hostname) return undefined;
  return new Response(`This server answers at ${origin}/ only.`, { status: 404 });
}
