import type { Records, Zone } from "./records.ts";

/** Which Worker answers at a public address, by routes, custom domains and workers.dev. */
export function findWorkerByHost(
  records: Records,
  hostname: string,
  path: string,
): { account: string; script: string } | undefined {
  // A route comes before a custom domain: the domain's Worker is its origin.
  const route = records.routes
    .list(({ pattern }) => matchesRoute(pattern, hostname, path))
    .toSorted((one, other) => rank(other.pattern) - rank(one.pattern))
    .at(0);
  const zone = route && records.zones.get(route.zone);
  if (zone !== undefined && route?.script !== undefined) {
    return { account: zone.account, script: route.script };
  }
  const [domain] = records.domains.list((each) => each.hostname === hostname);
  if (domain !== undefined) return { account: domain.account, script: domain.service };
  return findByWorkersDev(records, hostname);
}

function findByWorkersDev(
  records: Records,
  hostname: string,
): { account: string; script: string } | undefined {
  const [, name, subdomain] = /^([^.]+)\.([^.]+)\.workers\.dev$/.exec(hostname) ?? [];
  const [account] = records.accounts.list((each) => each.subdomain === subdomain);
  if (name === undefined || account === undefined) return undefined;
  const [script] = records.scripts.list(
    (each) => each.account === account.id && each.name === name && each.subdomain.enabled,
  );
  return script && { account: account.id, script: script.name };
}

/** A pattern of a route, taken apart. */
interface Pattern {
  readonly host: string;
  readonly path: string;
}

/** @returns undefined for what is not a pattern. https://developers.cloudflare.com/workers/configuration/routing/routes/ */
export function parsePattern(pattern: string): Pattern | undefined {
  const [, host, path = "/"] =
    /^(?:\*:\/\/|https?:\/\/)?(\*?[^/*?#\s]+)(\/[^*?#\s]*\*?)?$/.exec(pattern) ?? [];
  return host === undefined ? undefined : { host: host.toLowerCase(), path };
}

/** Whether a host lies in a zone. */
export function isInZone(host: string, { name }: Pick<Zone, "name">): boolean {
  return host === name || host.endsWith(`.${name}`);
}

/** Whether a request at this host and path meets the pattern. */
function matchesRoute(pattern: string, hostname: string, path: string): boolean {
  const parsed = parsePattern(pattern);
  if (parsed === undefined) return false;
  return matchesHost(parsed.host, hostname) && matchesPath(parsed.path, path);
}

function matchesHost(pattern: string, hostname: string): boolean {
  if (!pattern.startsWith("*")) return pattern === hostname;
  // `*.example.com` is not `example.com`; `*example.com` is both.
  return hostname.endsWith(pattern.slice(1));
}

function matchesPath(pattern: string, path: string): boolean {
  return pattern.endsWith("*") ? path.startsWith(pattern.slice(0, -1)) : path === pattern;
}

/** The more specific pattern is the higher: an exact host first, then the longer host and path. */
function rank(pattern: string): number {
  const { host, path } = parsePattern(pattern) ?? { host: "", path: "" };
  const exact = host.startsWith("*") ? 0 : 1_000_000;
  return exact + host.length * 1000 + path.length * 2 + (path.endsWith("*") ? 0 : 1);
}
