import type { CacheHint } from "@modelcontextprotocol/server";
import { McpServer } from "@modelcontextprotocol/server";
import type { WorkerEnv, WorkerSettings } from "../env.ts";
import type { Features } from "../kit/features.ts";
import type { McpConnection } from "./call.ts";
import { findRoundSigner } from "./input-rounds.ts";
import type { Registered } from "./needed-features.ts";
import { registerPrompts } from "./register-prompts.ts";
import { registerResources, type Subscriptions } from "./register-resources.ts";
import { hasTools, listTools, registerTools } from "./register-tools.ts";
import { listServerIcons } from "./registration.ts";
import { explainWrongRequests } from "./wrong-request.ts";

export interface ServerParts {
  readonly features: Features;
  readonly settings: WorkerSettings;
  readonly env: WorkerEnv;
  /** Of the session that this server serves, if it serves one. */
  readonly subscriptions?: Subscriptions;
  /** Whether a client may subscribe, here or with `subscriptions/listen`. */
  readonly canSubscribe: boolean;
  /** What is registered, if the server answers one message only. Default: all features. */
  readonly needed?: Registered;
  /** Whether the client is told when the list of tools changes: only HTTP+SSE always has a stream. */
  readonly tellsOfTools?: boolean;
}

/**
 * How long a client may keep a list. A deployment changes it and tells nobody, because streams end
 * with it. Private: what is listed may depend on the token.
 */
const listHint: CacheHint = { ttlMs: 300_000, cacheScope: "private" };

/**
 * Builds the MCP server for one request or one session. Never shared: an instance that serves two
 * clients at once mixes up their answers (GHSA-345p-7cg4-v4c7).
 */
export function createServer(parts: ServerParts): McpServer {
  const { features, settings, env, subscriptions, canSubscribe, tellsOfTools = false } = parts;
  const needed = parts.needed ?? features;
  const { name, title, version, instructions } = settings.server;
  const signer = findRoundSigner(env.SESSION_KEYS);
  const server = new McpServer(
    { name, title, version, websiteUrl: settings.origin, icons: listServerIcons(settings) },
    {
      instructions,
      capabilities: {
        tools: { listChanged: tellsOfTools && settings.hideUngrantedTools },
        resources: { subscribe: canSubscribe, listChanged: false },
        prompts: { listChanged: false },
        logging: {},
      },
      cacheHints: {
        "server/discover": listHint,
        "tools/list": listHint,
        "prompts/list": listHint,
        "resources/list": listHint,
        "resources/templates/list": listHint,
      },
      requestState: { verify: signer.verify },
    },
  );
  explainWrongRequests(server);
  const connection: McpConnection = {
    env,
    settings,
    scopes: features.scopes,
    signer,
    clientCapabilities: () => server.server.getClientCapabilities(),
  };
  registerTools(server, needed, connection);
  if (hasTools(features)) listTools(server, features.tools, connection);
  registerResources(server, needed.resources, connection, subscriptions);
  registerPrompts(server, needed.prompts, connection);
  return server;
}
