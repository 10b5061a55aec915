import type { JSX } from "hono/jsx/jsx-runtime";

/**
 * Headers of every page. Scripts and styles only from this server, and no framing.
 * `form-action` is left out: Chromium applies it to the redirect after the form too, which leads to
 * the client. `same-origin` and not `no-referrer`, with which Chromium posts forms as Origin `null`.
 */
const pageHeaders = (source: string) => ({
  "content-type": "text/html; charset=utf-8",
  "content-security-policy": `default-src 'none'; style-src ${source}; script-src 'self'; img-src ${source}; base-uri 'none'; frame-ancestors 'none'`,
  "x-frame-options": "DENY",
  "x-content-type-options": "nosniff",
  "referrer-policy": "same-origin",
  "cache-control": "no-store",
});

/**
 * Answers with a page. The given headers are kept, except for those that every page sets.
 * @param source of its style and icon, as a content security policy names it. Default: the page's own origin.
 */
export function renderPage(
  page: JSX.Element,
  status = 200,
  headers = new Headers(),
  source = "'self'",
): Response {
  for (const [name, value] of Object.entries(pageHeaders(source))) headers.set(name, value);
  return new Response(`<!doctype html>${page.toString()}`, { status, headers });
}
