import type { ExecutionContext, ScheduledController } from "@cloudflare/workers-types";
import { type App, createApp } from "./app.ts";
import { takeOverConsole } from "./console.ts";
import { readSettings, type WorkerEnv } from "./env.ts";
import type { Features } from "./kit/features.ts";
import { logEvent, logFailure } from "./log.ts";
import { findCatalogueProblem, findScopeProblem } from "./mcp/scopes.ts";
import { Session } from "./mcp/session.ts";
import { followNoRedirects } from "./oauth/clients/no-redirects.ts";
import { withoutLongKeys } from "./oauth/gate/long-keys.ts";
import { runPurge } from "./oauth/purge-run.ts";
import { otherHost } from "./other-host.ts";
import { answerFailure } from "./outage.ts";
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
