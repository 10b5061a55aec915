import {
  createMcpHandler,
  isJSONRPCRequest,
  isJsonContentType,
  isLegacyRequest,
  type JSONRPCRequest,
  type McpServer,
  SUPPORTED_PROTOCOL_VERSIONS,
} from "@modelcontextprotocol/server";
import type { WorkerEnv, WorkerSettings } from "../env.ts";
import type { Features } from "../kit/features.ts";
import { logProtocolFailure } from "../log.ts";
import { acceptBoth } from "./accept.ts";
import { type Caller, toAuthInfo } from "./caller.ts";
import { challengeMessage } from "./challenge.ts";
import { endQuietly } from "./end-quietly.ts";
import { Exchange } from "./exchange.ts";
import { pickNeeded } from "./needed-features.ts";
import { refuseQuestions } from "./refuse-questions.ts";
import { createServer } from "./server.ts";

/** Answers requests without a session. */
export interface StatelessParts {
  readonly features: Features;
  readonly settings: WorkerSettings;
  readonly env: WorkerEnv;
}

/** Answers one request. @param message its body, read and parsed; undefined if there is none, or it is not JSON. */
export type Stateless = (request: Request, message: unknown, caller: Caller) => Promise<Response>;

/**
 * Makes the handler of requests without a session. Each gets a server of its own: the SDK's handler serves modern
 * ones and whatever is unusual, an `Exchange` serves the usual request of the initialize era.
 */
export function createStateless({ features, settings, env }: StatelessParts): Stateless {
  /** Facts about each request, for the server that is made for it. */
  const messages = new WeakMap<Request, unknown>();
  const build = (isLegacy: boolean, message: unknown): McpServer => {
    const needed = pickNeeded(features, message);
    // A modern client subscribes with a request of its own, which a session object serves.
    const server = createServer({ features, settings, env, canSubscribe: !isLegacy, needed });
    if (isLegacy) refuseQuestions(server);
    else endQuietly(server);
    return server;
  };
  const handler = createMcpHandler(
    ({ era, requestInfo }) => build(era === "legacy", requestInfo && messages.get(requestInfo)),
    { onerror: logProtocolFailure },
  );
  return async (request, message, caller) => {
    const authInfo = toAuthInfo(caller);
    if (message === undefined) return handler.fetch(request, { authInfo });
    if (!(await isLegacyRequest(request, message))) {
      messages.set(request, message);
      return handler.fetch(request, { authInfo, parsedBody: message });
    }
    if (!isUsual(request, message)) {
      return handler.fetch(acceptBoth(request), { authInfo, parsedBody: message });
    }
    const refused = challengeMessage({ features, settings }, caller, message);
    if (refused) return refused;
    const transport = new Exchange(message);
    await build(true, message).connect(transport);
    return transport.answer(request, authInfo);
  };
}

/** Whether a request of the initialize era is nothing but one JSON-RPC request. The SDK judges the rest. */
function isUsual({ method, headers }: Request, message: unknown): message is JSONRPCRequest {
  const version = headers.get("mcp-protocol-version");
  return (
    method === "POST" &&
    isJsonContentType(headers.get("content-type")) &&
    (version === null || SUPPORTED_PROTOCOL_VERSIONS.includes(version)) &&
    isJSONRPCRequest(message)
  );
}
