import type { IncomingMessage } from "node:http";

/** The form of `Host`: a name or an address, with a port or without (RFC 9110 section 7.2). */
const hostForm = /^(\[[\da-f:.]+\]|[^\s/?#@\\:[\]]+)(:\d+)?$/i;

/**
 * The address that a client asks for: of the request line, if that has a whole one (absolute-form), else
 * of `Host` (RFC 9112 sections 3.2.1 and 3.2.2). Undefined if it has none that can be read; the answer is
 * then 400 (section 3.2).
 */
export function readTarget({
  url = "",
  headers: { host = "" },
}: Pick<IncomingMessage, "url" | "headers">): URL | undefined {
  if (/^https?:\/\//i.test(url)) {
    const target = URL.parse(url);
    return target?.username === "" && target.password === "" ? target : undefined;
  }
  if (!url.startsWith("/") || !hostForm.test(host)) return undefined;
  return URL.parse(`http://${host}${url}`) ?? undefined;
}
