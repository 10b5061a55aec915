/**
 * Names that are never a host on the Internet: RFC 6761 and RFC 6762 (with the private names that its
 * appendix G lists), RFC 7686, RFC 9476, ICANN's `internal`, and `arpa` (RFC 3172, with `home.arpa`),
 * under which is infrastructure only.
 */
const privateTopLevels = new Set([
  "alt",
  "arpa",
  "corp",
  "home",
  "internal",
  "intranet",
  "invalid",
  "lan",
  "local",
  "localdomain",
  "localhost",
  "onion",
  "private",
  "test",
]);

const unlisted = "is on a domain that this server does not list";

/**
 * Why a client id must not be fetched, in words for a page; undefined if it may be, or if it is not an
 * address but an id that the server gave out. The address is judged as the runtime reads it, so
 * `https://0x7f.1/` is 127.0.0.1. The runtime refuses names that lead to a private address
 * (`global_fetch_strictly_public`): only it sees what a name resolves to. Ports are free: no
 * specification bounds them (draft-ietf-oauth-client-id-metadata-document section 3).
 * @param ownHost host of this server, which would otherwise ask itself.
 * @param domains whose documents are accepted, with their subdomains; none: every domain's.
 */
export function findClientIdProblem(
  clientId: string,
  ownHost: string,
  domains: readonly string[] = [],
): string | undefined {
  if (!/^\s*https:/i.test(clientId)) return undefined;
  if (!URL.canParse(clientId)) return "is no valid address";
  const { hostname, host, username, password } = new URL(clientId);
  if (username !== "" || password !== "") return "holds a user name or password";
  if (hostname.startsWith("[") || /^\d+(\.\d+){3}$/.test(hostname)) {
    return "names its host by an IP address";
  }
  if (host.replace(/\.(?=:|$)/, "") === ownHost) return "is on this server itself";
  const labels = hostname.replace(/\.+$/, "").split(".");
  if (labels.length < 2 || privateTopLevels.has(labels.at(-1) ?? "")) {
    return "is on a private host";
  }
  const name = `.${labels.join(".")}`;
  if (domains.length > 0 && !domains.some((domain) => name.endsWith(`.${domain}`))) return unlisted;
  return undefined;
}

/** The problem as a sentence, with what to do next. */
export function explainClientId(problem: string): string {
  if (problem === unlisted) {
    return `The client id of this app ${problem}. Whoever runs this server can add the domain (clientDomains).`;
  }
  return `The client id of this app ${problem}. It must be an https address with a public host name, like https://app.example.com/client.json.`;
}
