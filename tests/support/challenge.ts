/** What a `WWW-Authenticate: Bearer` header says, by parameter. @throws Error where there is none. */
export function readChallenge({ headers, status }: Response): Record<string, string> {
  const header = headers.get("www-authenticate") ?? "";
  if (!header.startsWith("Bearer ")) throw new Error(`A ${status} came with "${header}"`);
  const parameters = [...header.matchAll(/(\w+)="([^"]*)"/g)];
  return Object.fromEntries(parameters.map(([, name = "", value = ""]) => [name, value]));
}
