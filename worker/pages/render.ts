import type { JSX } from "hono/jsx/jsx-runtime";

/**
 * Headers of every page. No script or style but this server's own, and no frame around it.
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
 * Answers with a page. The given headers are kept, but for those every page has.
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
