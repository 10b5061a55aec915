import { parseAccept } from "hono/utils/accept";

/** Headers that protocol clients send, and a person's browser never sends by itself. */
const clientHeaders = ["authorization", "mcp-session-id", "mcp-protocol-version", "last-event-id"];

/**
 * Whether a person opens this address in a browser, and so reads a page. A client is never taken for one: it
 * would have to name `text/html` in `Accept` and nothing of MCP's, and browsers say which of their requests come
 * from a script (`Sec-Fetch-Mode`).
 */
export function isNavigation({ method, headers }: Request): boolean {
  if (method !== "GET" && method !== "HEAD") return false;
  if ((headers.get("sec-fetch-mode") ?? "navigate") !== "navigate") return false;
  if (clientHeaders.some((name) => headers.has(name))) return false;
  const named = parseAccept(headers.get("accept") ?? "")
    .filter(({ q }) => q > 0)
    .map(({ type }) => type.toLowerCase());
  const isClients = named.includes("application/json") || named.includes("text/event-stream");
  return named.includes("text/html") && !isClients;
}

/** For answers of an address that has a page for people, and another answer for clients. */
export const varies = { vary: "Accept, Sec-Fetch-Mode" };
