import type { IncomingMessage, ServerResponse } from "node:http";
import { getRequestListener } from "@hono/node-server";
import { localCloudFolder } from "../../infra/local-token.ts";
import { forward } from "../runtime/forward.ts";
import { type Listener, listenOnLocalhost } from "../runtime/listen.ts";
import { createApi } from "./app.ts";
import { hashToken } from "./authorization.ts";
import type { plans } from "./billing-plan.ts";
import { Cloud } from "./cloud.ts";
import { FolderLock } from "./folder-lock.ts";
import { findWorkerByHost } from "./hosts.ts";
import { now, toHexId } from "./identifiers.ts";
import { localAccountId, provideLocalToken, toBaseUrl, toEnvironment } from "./local-token.ts";
import { createOwnEndpoints } from "./own-endpoints.ts";
import type { ScriptPort } from "./ports.ts";

/** How a local cloud is started. Everything has a default. */
export interface LocalCloudOptions {
  /** Port of the API; Workers get those after it. 0 takes a free one. Default: 8790. */
  readonly port?: number;
  /** Folder of everything it keeps. Default: `.cloud` in the checkout. */
  readonly directory?: string;
  /** Forget what is kept first. */
  readonly fresh?: boolean;
  /** Ids of the accounts, 32 hex digits each. Default: one. */
  readonly accounts?: readonly string[];
  /** Names of zones that the first account has. */
  readonly zones?: readonly string[];
  /** Ports of Workers by their names. */
  readonly serve?: Readonly<Record<string, number>>;
  /** Plan of the account, which sets its limits. Default: paid. */
  readonly plan?: keyof typeof plans;
  /** Refuse more than 1,200 calls of a token in five minutes, as Cloudflare does. */
  readonly isRateLimited?: boolean;
  /** Milliseconds that an uploaded Worker may take to start. Default: 10,000. */
  readonly startLimit?: number;
  /** Takes each line that a Worker or the runtime prints. */
  readonly onLine?: (line: string) => void;
}

/** A Cloudflare account on this machine: its API, and the Workers deployed to it. */
export class LocalCloud implements AsyncDisposable {
  readonly cloud: Cloud;
  readonly port: number;
  readonly accountId: string;
  /** A token of all permissions on every account. */
  readonly token: string;
  readonly #listener: Listener;
  readonly #lock: FolderLock;

  private constructor(
    cloud: Cloud,
    listener: Listener,
    { accountId, token, lock }: { accountId: string; token: string; lock: FolderLock },
  ) {
    this.cloud = cloud;
    this.token = token;
    this.#listener = listener;
    this.#lock = lock;
    this.port = listener.port;
    this.accountId = accountId;
  }

  /** Starts it. @throws UserError for a port in use. */
  static async start(options: LocalCloudOptions = {}): Promise<LocalCloud> {
    const { port = 8790, directory = localCloudFolder, fresh = false } = options;
    const { accounts = [localAccountId], zones = [], onLine = () => undefined } = options;
    const opened = Promise.withResolvers<Cloud>();
    // Taken first: nothing is removed for a server that cannot listen. Calls wait until it is open.
    const handler = opened.promise.then(createHandler);
    handler.catch(() => undefined);
    const listener = await listenOnLocalhost(
      port,
      async (incoming, outgoing) => (await handler)(incoming, outgoing),
      (taken) =>
        `Stop what listens there, or choose another: npm run cloud -- --port ${taken + 10}`,
    );
    let lock: FolderLock | undefined;
    try {
      lock = new FolderLock(directory);
      if (fresh) await lock.clear();
      const token = await provideLocalToken(directory);
      const cloud: Cloud = await Cloud.open({
        directory,
        plan: options.plan ?? "paid",
        isRateLimited: options.isRateLimited ?? false,
        startLimit: options.startLimit,
        apiPort: listener.port,
        onLine,
        handlePort: (where, incoming, outgoing) => servePort(cloud, where, incoming, outgoing),
      });
      seed(cloud, { accounts, zones, token });
      const [first = localAccountId] = accounts;
      for (const [script, wanted] of Object.entries(options.serve ?? {})) {
        await cloud.ports.assign(first, script, wanted);
      }
      opened.resolve(cloud);
      return new LocalCloud(cloud, listener, { accountId: first, token, lock });
    } catch (error) {
      lock?.[Symbol.dispose]();
      await listener[Symbol.asyncDispose]();
      throw error;
    }
  }

  get baseUrl(): string {
    return toBaseUrl(this.port);
  }

  /** Address of the status page, with what opens it. */
  get statusPage(): string {
    return `http://127.0.0.1:${this.port}/?token=${this.token}`;
  }

  /** Environment variables for a client of the API. */
  get environment(): Readonly<Record<string, string>> {
    return toEnvironment(this.port, this.token, this.accountId);
  }

  /** The ports of Workers, deployed or to be deployed. */
  get workers(): readonly ScriptPort[] {
    return this.cloud.ports.list();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#listener[Symbol.asyncDispose]();
    await this.cloud[Symbol.asyncDispose]();
    this.#lock[Symbol.dispose]();
  }
}

type Handler = (incoming: IncomingMessage, outgoing: ServerResponse) => void;

/**
 * The API answers at localhost only; at any other host name the Worker that has it does. So a web page
 * whose own name points here (DNS rebinding) reaches no API.
 */
function createHandler(cloud: Cloud): Handler {
  const own = createOwnEndpoints(cloud);
  const api = createApi(cloud);
  const listener = getRequestListener(
    (request, env) => {
      const { pathname } = new URL(request.url);
      const isOwn = pathname === "/" || pathname.startsWith("/_");
      return (isOwn ? own : api).fetch(request, env);
    },
    { overrideGlobalObjects: false },
  );
  return (incoming, outgoing) => {
    // The Fetch standard knows no request of this method, so the API could not be given one.
    if (incoming.method === "TRACE") {
      answerPlainly(outgoing, 405, "The local cloud takes no TRACE.");
      return;
    }
    const hostname = readHostname(incoming);
    if (!["localhost", "127.0.0.1", "[::1]"].includes(hostname)) {
      serveHost(cloud, hostname, incoming, outgoing);
      return;
    }
    // Before a Request is made of it: one made of another begins to read the body.
    incoming.url = incoming.url?.replace(/^\/client\/v4(?=\/[^_])/, "");
    void listener(incoming, outgoing);
  };
}

function readHostname({ headers }: IncomingMessage): string {
  return (headers.host ?? "").replace(/:\d+$/, "").toLowerCase();
}

/** A Worker at its route, custom domain or workers.dev name, as at Cloudflare over https. */
function serveHost(
  cloud: Cloud,
  hostname: string,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): void {
  const path = incoming.url ?? "/";
  const found = findWorkerByHost(cloud.records, hostname, path.replace(/\?.*/, ""));
  const script = found && cloud.findScript(found.account, found.script);
  if (script === undefined || cloud.servingVersion(script) === undefined) {
    answerPlainly(outgoing, 404, `No Worker of the local cloud answers at ${hostname}.`);
    return;
  }
  const url = `https://${hostname}${path}`;
  void forward(incoming, outgoing, cloud.fleet.gate, { worker: script.tag, url });
}

/** A Worker at its port of localhost. */
function servePort(
  cloud: Cloud,
  where: ScriptPort,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): void {
  const script = cloud.findScript(where.account, where.script);
  if (script === undefined || cloud.servingVersion(script) === undefined) {
    answerPlainly(outgoing, 404, `The Worker ${where.script} is not deployed.`);
    return;
  }
  void forward(incoming, outgoing, cloud.fleet.gate, { worker: script.tag });
}

function answerPlainly(outgoing: ServerResponse, status: number, text: string): void {
  outgoing.writeHead(status, { "content-type": "text/plain; charset=utf-8" });
  outgoing.end(`${text}\n`);
}

/** Makes what is not there yet. */
function seed(
  cloud: Cloud,
  {
    accounts,
    zones,
    token,
  }: { accounts: readonly string[]; zones: readonly string[]; token: string },
): void {
  const { records } = cloud;
  const time = now();
  cloud.store.change(() => {
    for (const [index, id] of accounts.entries()) {
      if (records.accounts.get(id) !== undefined) continue;
      const name = index === 0 ? "local" : `local-${index + 1}`;
      records.accounts.put({ id, name, subdomain: name, createdOn: time });
    }
    for (const name of zones) {
      const id = toHexId(name);
      const [account = localAccountId] = accounts;
      if (records.zones.get(id) === undefined) {
        records.zones.put({ id, account, name, createdOn: time });
      }
    }
    records.tokens.put({
      id: toHexId("local token"),
      name: "local",
      hash: hashToken(token),
      accounts: "all",
      permissions: "all",
      status: "active",
      expiresOn: undefined,
      issuedOn: time,
      modifiedOn: time,
      policies: [],
    });
  });
}
