import type { ExecutionContext, ScheduledController } from "@cloudflare/workers-types";
import { type App, createApp } from "./app.ts";
import { takeOverConsole } from "./console.ts";
import { readSettings, type WorkerEnv } from "./env.ts";
import type { Features } from "./kit/features.ts";
import { logEvent, logFailure } from "./log.ts";
import { findCatalogueProblem, findScopeProblem } from "./mcp/scopes.ts";
import { Session } from "./mcp/session.ts";
import { withoutLongKeys } from "./oauth/gate/long-keys.ts";
import { runPurge } from "./oauth/purge-run.ts";
import { otherHost } from "./other-host.ts";
import { answerRoute } from "./route.ts";

/** What the runtime calls: requests and cron runs. */
export interface WorkerHandlers {
  fetch(request: Request, env: WorkerEnv, ctx: ExecutionContext): Promise<Response>;
  scheduled(controller: ScheduledController, env: WorkerEnv): Promise<void>;
}

/** What the entry of a Worker exports of its features; its other Durable Objects know nothing of them. */
export interface FeaturedWorker {
  readonly handlers: WorkerHandlers;
  /** The Durable Object class of sessions. */
  readonly McpSession: new (
    ...parts: ConstructorParameters<typeof Session>
  ) => Session;
}

/**
 * Makes the Worker that offers these tools, resources and prompts.
 * @param icon its drawing as SVG, in which `{{title}}` and `{{initial}}` are filled in. Default: a plain one.
 * @throws Error for one that needs a scope that the catalogue lacks: nobody could ever be granted it.
 * Also for a catalogue without a scope that clients ask for first.
 */
export function createWorker(features: Features, icon?: string): FeaturedWorker {
  refuseWrong(features);
  class McpSession extends Session {
    protected override readonly features = features;
  }
  return { handlers: createHandlers(features, icon), McpSession };
}

function refuseWrong({ scopes, tools, resources, prompts }: Features): void {
  const problem =
    findCatalogueProblem(scopes) ??
    [...tools, ...resources, ...prompts]
      .map((feature) => findScopeProblem(scopes, feature))
      .find((found) => found !== undefined);
  if (problem !== undefined) throw new Error(problem);
}

function createHandlers(features: Features, icon?: string): WorkerHandlers {
  takeOverConsole((method, message) => logEvent("console", { method, message }));
  followNoRedirects();
  let app: App | undefined;
  // Built with the first request: settings and keys are not there before it.
  const getApp = (env: WorkerEnv): App => {
    app ??= createApp(readSettings(env), features, icon);
    return app;
  };
  return {
    async fetch(request: Request, env: WorkerEnv, ctx: ExecutionContext): Promise<Response> {
      const started = Date.now();
      const url = new URL(request.url);
      const requestId = readRequestId(request);
      let name = "unknown";
      let response: Response;
      try {
        const route = getApp(env).route(url.pathname);
        name = route.name;
        response =
          otherHost(request, url, env.SETTINGS) ??
          (await answerRoute(route, { request, url, env: withoutLongKeys(env), ctx }));
      } catch (error) {
        logFailure("failure", error, { requestId, route: name });
        response = answerFailure(error);
      }
      const { method } = request;
      const { status } = response;
      logEvent("request", {
        requestId,
        method,
        route: name,
        status,
        durationMs: Date.now() - started,
      });
      return response;
    },

    async scheduled(_controller: ScheduledController, env: WorkerEnv): Promise<void> {
      await runPurge(env);
    },
  };
}

/** Cloudflare's own id of a request; one of ours if there is none, or if it is not Cloudflare's. */
function readRequestId({ headers }: Request): string {
  const ray = headers.get("cf-ray") ?? "";
  return /^[\w-]{1,64}$/.test(ray) ? ray : crypto.randomUUID();
}

/** The OAuth library's user agent when it fetches. */
const libraryAgent = /^workers-oauth-provider\b/;

/**
 * Keeps the OAuth library from following redirects when it reads a client's metadata document or
 * keys; it has no option for that. The document proves that the client speaks for the domain of its
 * URL, and with one open redirect at that domain anybody could be behind it. It MUST NOT be
 * followed (Client ID Metadata Document draft, "Client Metadata Document Security"). A redirect is
 * then an answer like any other that holds no document. Every other fetch follows redirects as before.
 */
function followNoRedirects(): void {
  const { fetch } = globalThis;
  globalThis.fetch = (input, init) => {
    const agent = new Headers(init?.headers).get("user-agent") ?? "";
    return fetch(input, libraryAgent.test(agent) ? { ...init, redirect: "manual" } : init);
  };
}

/** Seconds after which a client may try again. */
const pause = 30;

/**
 * Whether an error is Workers KV's or a Durable Object's own: the same request may go well later. KV's
 * errors are plain ones whose messages begin with its name ("KV PUT failed: 429 Too Many Requests",
 * "KV put() limit exceeded for the day."); those of objects say it in a property
 * (developers.cloudflare.com/durable-objects/best-practices/error-handling).
 */
function isOutage(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { retryable, overloaded } = error as { retryable?: unknown; overloaded?: unknown };
  return retryable === true || overloaded === true || /^KV \w+(?:\(\))? /.test(error.message);
}

/** The answer to an unexpected error: to try again, if that can help. */
function answerFailure(error: unknown): Response {
  if (!isOutage(error)) return new Response("The server failed. Try again later.", { status: 500 });
  return new Response("A service behind this server does not answer. Try again in a moment.", {
    status: 503,
    headers: { "retry-after": String(pause) },
  });
}
