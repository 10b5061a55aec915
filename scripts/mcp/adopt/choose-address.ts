import { UserError } from "../../errors.ts";
import type { FoundDomain, FoundRoute, FoundWorker } from "./found-worker.ts";

/** Where a stack serves, out of what leads to a Worker. */
export interface Address {
  readonly customDomain: FoundDomain | undefined;
  /** Routes on the public URL's own host. */
  readonly routes: readonly FoundRoute[];
  /** Public URL, if routes alone lead there. */
  readonly publicUrl: string | undefined;
  /** Domains and routes that stay as they are, outside of the stack: "domain <host>", "route <pattern>". */
  readonly outside: readonly string[];
}

/**
 * Chooses the one public host of a stack: the one that is named; else the custom domain, else the host
 * of the routes, else the Worker's own name under workers.dev.
 * @param url the public URL as the person names it.
 * @throws UserError if several would do and none is named, or the one that is named does not lead here.
 */
export function chooseAddress(live: FoundWorker, url: URL | undefined): Address {
  const { domains, routes, workersDev } = live;
  const hosts = [...new Set(routes.flatMap(({ pattern }) => readHost(pattern) ?? []))];
  const host = url === undefined ? chooseHost(live, hosts) : url.host;
  const customDomain = domains.find(({ hostname }) => hostname === host);
  // A route that covers several hosts has none, and belongs to no stack.
  const own = routes.filter(({ pattern }) => host !== undefined && readHost(pattern) === host);
  const isWorkersDev = host === undefined || host.endsWith(".workers.dev") || isLocal(host);
  if (url !== undefined && customDomain === undefined && own.length === 0) {
    if (!isWorkersDev || !workersDev) {
      throw new UserError(
        `--url: nothing leads from ${url.host} to the Worker "${live.name}". What does: ${listAll(live)}.`,
      );
    }
  }
  const zones = new Set([customDomain?.zone, ...own.map(({ zone }) => zone)].filter(Boolean));
  if (zones.size > 1) {
    throw new UserError(
      `--worker: the routes on ${host} lie in several zones (${[...zones].join(", ")}), and a stack has one. Remove those of the others first.`,
    );
  }
  const taken = new Set<FoundDomain | FoundRoute | undefined>([customDomain, ...own]);
  return {
    customDomain,
    routes: own,
    publicUrl: customDomain === undefined && own.length > 0 ? `https://${host}` : undefined,
    outside: [
      ...domains.filter((each) => !taken.has(each)).map(({ hostname }) => `domain ${hostname}`),
      ...routes.filter((each) => !taken.has(each)).map(({ pattern }) => `route ${pattern}`),
    ],
  };
}

/** @returns undefined for workers.dev. */
function chooseHost(live: FoundWorker, routeHosts: readonly string[]): string | undefined {
  const { domains } = live;
  const [first, ...more] = domains.length > 0 ? domains.map((each) => each.hostname) : routeHosts;
  if (more.length === 0) return first;
  throw new UserError(
    `--url: several hosts lead to the Worker "${live.name}" (${[first, ...more].join(", ")}), and a stack has one public URL, to which every token is bound. Name the one that people use, as --url https://${first}. The others stay as they are, outside the stack.`,
  );
}

/** Host of a route pattern; undefined if it covers several, or the pattern has no path. */
export function readHost(pattern: string): string | undefined {
  const [, host] = /^(?:https?:\/\/)?([^/*:]+)\//.exec(pattern) ?? [];
  // A stack's own routes are written without a scheme.
  return pattern.includes("://") ? undefined : host;
}

/** The local cloud serves a Worker at a port of localhost. */
function isLocal(host: string): boolean {
  return /^(localhost|127\.0\.0\.1)(:\d+)?$/.test(host);
}

function listAll({ domains, routes, workersDev }: FoundWorker): string {
  const all = [
    ...domains.map(({ hostname }) => hostname),
    ...routes.map(({ pattern }) => pattern),
    ...(workersDev ? ["its name under workers.dev"] : []),
  ];
  return all.join(", ") || "nothing";
}
