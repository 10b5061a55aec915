import type { WorkerSettings } from "./env.ts";

/**
 * A token is bound to the origin, so the same Worker under another name (127.0.0.1, an old
 * workers.dev name) would be a second server that nothing fits. It answers 404 and names the right
 * address; this also keeps a rebound DNS name away from the pages.
 */
export function otherHost(url: URL, { origin }: WorkerSettings): Response | undefined {
  if (url.host === new URL(origin).host) return undefined;
  return new Response(`This server answers at ${origin}/ only.`, { status: 404 });
}
