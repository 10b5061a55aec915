/** Parameters of the Bearer challenge in `WWW-Authenticate` (RFC 9110 section 11.6.1); undefined where there is none. */
export function readChallenge(headers: Headers): Readonly<Record<string, string>> | undefined {
  const header = headers.get("www-authenticate") ?? "";
  const [, bearer] = /(?:^|,\s*)Bearer\b(.*)$/i.exec(header) ?? [];
  if (bearer === undefined) return undefined;
  const parameters = bearer.matchAll(/([\w-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,]+))/g);
  return Object.fromEntries(
    [...parameters].map(([, name = "", quoted, plain]) => [
      name.toLowerCase(),
      quoted?.replace(/\\(.)/g, "$1") ?? plain ?? "",
    ]),
  );
}
