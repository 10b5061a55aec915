import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { text } from "node:stream/consumers";
import Cloudflare from "cloudflare";
import { Hono } from "hono";
import { UserError } from "../../scripts/errors.ts";
import { routes } from "../../scripts/local-cloud/resources/index.ts";
import { LocalCloud, type LocalCloudOptions } from "../../scripts/local-cloud/server.ts";
import { patience } from "./patience.ts";
import { makeTempFolder, type TempFolder } from "./temp-folder.ts";

/** What an upload of a Worker consists of. */
export interface WorkerUpload {
  /** The main module. */
  readonly code: string;
  /** Further modules: path to content type and content. */
  readonly modules?: Readonly<Record<string, readonly [string, string | Uint8Array<ArrayBuffer>]>>;
  /** Bindings, migrations and the like, besides `main_module`. */
  readonly metadata?: Readonly<Record<string, unknown>>;
}

/** A local cloud in a folder of its own on free ports, with its zone `example.com`. */
export class TestCloud implements AsyncDisposable {
  /** The official SDK with a token of all permissions. It tries each call once. */
  readonly client: Cloudflare;
  /** Name of the parameter in the SDK: calls spread it. */
  readonly account: { readonly account_id: string };
  readonly zone: { readonly zone_id: string };
  readonly #folder: TempFolder;
  readonly #options: LocalCloudOptions;
  #local: LocalCloud;

  private constructor(local: LocalCloud, folder: TempFolder, options: LocalCloudOptions) {
    this.#local = local;
    this.#folder = folder;
    this.#options = options;
    this.account = { account_id: local.accountId };
    const [zone] = local.cloud.records.zones.list();
    this.zone = { zone_id: zone?.id ?? "" };
    this.client = this.createClient(local.token);
  }

  static async start(options: LocalCloudOptions = {}): Promise<TestCloud> {
    const folder = await makeTempFolder();
    const all = {
      port: 0,
      directory: folder.path,
      zones: ["example.com"],
      startLimit: patience,
      ...options,
    };
    return new TestCloud(await LocalCloud.start(all), folder, all);
  }

  get local(): LocalCloud {
    return this.#local;
  }

  /**
   * Stops the cloud, and starts it again at the ports that it had.
   * @param change what is done to its folder meanwhile.
   * @throws UserError where another program has taken one of the ports. The cloud has ended then.
   */
  async restart(change: () => Promise<void>): Promise<void> {
    const { port } = this.#local;
    await this.#local[Symbol.asyncDispose]();
    await change();
    const lines: string[] = [];
    const onLine = this.#options.onLine ?? ((line) => lines.push(line));
    const local = await LocalCloud.start({ ...this.#options, port, onLine });
    this.#local = local;
    const taken = lines.find((line) => / is taken by another program/.test(line));
    if (taken === undefined) return;
    await local[Symbol.asyncDispose]();
    throw new UserError(taken);
  }

  /** Folder of everything that the cloud keeps. */
  get directory(): string {
    return this.#folder.path;
  }

  /** The official SDK with another token. */
  createClient(apiToken: string): Cloudflare {
    return new Cloudflare({
      apiToken,
      baseURL: this.local.baseUrl,
      maxRetries: 0,
      logLevel: "off",
      // Otherwise it takes them from the person's environment.
      apiKey: null,
      apiEmail: null,
      userServiceKey: null,
      fetch: async (url, init) => {
        calledEndpoints.add(await findEndpoint(init?.method ?? "GET", String(url)));
        return fetch(url, init);
      },
    });
  }

  /** Makes an API token. @param permissions as "Workers Scripts Read". @returns its value. */
  async createToken(
    permissions: readonly string[],
    { accounts = [this.local.accountId], ...more }: TokenOptions = {},
  ): Promise<string> {
    const groups = await this.client.user.tokens.permissionGroups.list();
    const { value = "" } = await this.client.user.tokens.create({
      name: permissions.join(", "),
      ...more,
      policies: [
        {
          effect: "allow",
          resources: Object.fromEntries(
            accounts.map((id) => [`com.cloudflare.api.account.${id}`, "*"]),
          ),
          permission_groups: permissions.map((name) => {
            const id = groups.result.find((group) => group.name === name)?.id;
            if (id === undefined) throw new Error(`There is no permission group ${name}.`);
            return { id };
          }),
        },
      ],
    });
    return value;
  }

  /** Uploads and deploys a Worker with the SDK. */
  upload(name: string, upload: WorkerUpload) {
    return this.client.workers.scripts.update(
      name,
      { ...this.account, metadata: {} },
      { body: toParts(upload), headers: formHeaders },
    );
  }

  /** Uploads a version that does not serve yet, with the SDK. */
  uploadVersion(name: string, upload: WorkerUpload) {
    return this.client.workers.scripts.versions.create(
      name,
      { ...this.account, metadata: { main_module: mainModule } },
      { body: toParts(upload) },
    );
  }

  /** A call by hand with the token of all permissions. */
  fetchApi(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers);
    if (!headers.has("authorization")) headers.set("authorization", `Bearer ${this.local.token}`);
    return fetch(`${this.local.baseUrl}${path}`, { ...init, headers });
  }

  /** Asks a Worker at its port of localhost. */
  fetchWorker(name: string, path = "/", init: RequestInit = {}): Promise<Response> {
    const found = this.local.workers.find(({ script }) => script === name);
    if (found === undefined) throw new Error(`The Worker ${name} has no port.`);
    return fetch(`http://localhost:${found.port}${path}`, init);
  }

  /** Asks whichever Worker answers at a public host name. Not with fetch, which takes no `Host`. */
  async fetchHost(host: string, path = "/"): Promise<Response> {
    const asked = request({ host: "127.0.0.1", port: this.local.port, path, headers: { host } });
    asked.end();
    const [answer] = (await once(asked, "response")) as [IncomingMessage];
    return new Response(await text(answer), { status: answer.statusCode ?? 500 });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.local[Symbol.asyncDispose]();
    await this.#folder[Symbol.asyncDispose]();
  }
}

/** Endpoints that clients of the SDK have called in this file's tests, as `GET /zones/:zone`. */
export const calledEndpoints = new Set<string>();

interface TokenOptions {
  /** Ids of accounts it may be used on. Default: the first one. */
  readonly accounts?: readonly string[];
  readonly expires_on?: string;
}

/** Name of the main module in uploads of tests. */
export const mainModule = "worker.js";

/**
 * The parts of an upload as Cloudflare takes them: SDK 7 has lost the way to build them from `metadata`
 * and `files` (cloudflare/cloudflare-typescript#2799), but sends each member of a given body as a part.
 */
export function toParts({ code, modules = {}, metadata = {} }: WorkerUpload): Record<string, File> {
  const files = Object.entries(modules).map(([name, [type, content]]): [string, File] => [
    name,
    new File([content], name, { type }),
  ]);
  return {
    metadata: toJsonFile({
      main_module: mainModule,
      compatibility_date: "2026-07-01",
      ...metadata,
    }),
    [mainModule]: new File([code], mainModule, { type: "application/javascript+module" }),
    ...Object.fromEntries(files),
  };
}

/** The SDK says that every upload is JavaScript; without that it sends the form's own type. */
export const formHeaders = { "Content-Type": null };

/** A part that holds JSON. */
export function toJsonFile(value: unknown): File {
  return new File([JSON.stringify(value)], "part.json", { type: "application/json" });
}

/** How the API refused a call of the SDK. */
export interface Refusal {
  readonly status: number | undefined;
  readonly code: number | undefined;
  readonly message: string | undefined;
}

/** @throws Error where the call succeeds, or fails in another way. */
export async function readRefusal(call: PromiseLike<unknown>): Promise<Refusal> {
  try {
    await call;
  } catch (error) {
    if (!(error instanceof Cloudflare.APIError)) throw error;
    const [first] = error.errors;
    return { status: error.status, code: first?.code, message: first?.message };
  }
  throw new Error("The call was not refused.");
}

/** All items of a list, over all its pages. @throws Error where the pages do not end. */
export async function listAll<Item>(list: AsyncIterable<Item>): Promise<Item[]> {
  const items: Item[] = [];
  for await (const item of list) {
    items.push(item);
    if (items.length > 1000) throw new Error("The list has no end.");
  }
  return items;
}

/** The endpoint that answers a call, as `GET /zones/:zone`; the same kind of router finds it. */
export async function findEndpoint(method: string, url: string): Promise<string> {
  const path = new URL(url).pathname.replace(/^\/client\/v4(?=\/)/, "");
  const found = await router.request(path, { method });
  return found.text();
}

const router = new Hono();
for (const { method, path } of routes) {
  router.on(method, path, (context) => context.text(`${method} ${path}`));
}
