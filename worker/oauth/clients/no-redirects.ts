/** The OAuth library's user agent when it fetches. */
const libraryAgent = /^workers-oauth-provider\b/;

/**
 * Keeps the OAuth library from following redirects when it reads a client's metadata document or
 * keys; it has no option for that. The document proves that the client speaks for the domain of its
 * URL, and with one open redirect at that domain anybody could be behind it. It MUST NOT be
 * followed (Client ID Metadata Document draft, "Client Metadata Document Security"). A redirect is
 * then an answer like any other that holds no document. Every other fetch follows redirects as before.
 */
export function followNoRedirects(): void {
  const { fetch } = globalThis;
  globalThis.fetch = (input, init) => {
    const agent = new Headers(init?.headers).get("user-agent") ?? "";
    return fetch(input, libraryAgent.test(agent) ? { ...init, redirect: "manual" } : init);
  };
}
