import { toInitialize, toToolCall } from "../../support/mcp-by-hand.ts";
import { ask, type Sent, type Target } from "./http.ts";

/** `legacy`: 2025-11-25, opens with `initialize`. `modern`: 2026-07-28, without sessions. */
export type Era = "legacy" | "modern";

/** A client as the server sees it. */
export interface ClientParts {
  /** Path of the endpoint. Default: `/mcp`. */
  readonly path?: string;
  readonly accessToken?: string;
  readonly era?: Era;
  /** Of the session, where the server gave one. */
  readonly sessionId?: string;
}

const modernVersion = "2026-07-28";

/** The request that posts a message of a client. */
export function toRequest(client: ClientParts, message: object): Sent {
  const { path = "/mcp", accessToken, era = "legacy", sessionId } = client;
  const { method = "", params = {} } = message as { method?: string; params?: { name?: string } };
  const isModern = era === "modern";
  const _meta = {
    "io.modelcontextprotocol/protocolVersion": modernVersion,
    "io.modelcontextprotocol/clientCapabilities": {},
    "io.modelcontextprotocol/clientInfo": { name: "bench", version: "1.0.0" },
  };
  return {
    method: "POST",
    path,
    headers: {
      accept: "application/json, text/event-stream",
      "content-type": "application/json",
      ...(accessToken !== undefined && { authorization: `Bearer ${accessToken}` }),
      ...(sessionId !== undefined && {
        "mcp-session-id": sessionId,
        "mcp-protocol-version": "2025-11-25",
      }),
      ...(isModern && {
        "mcp-protocol-version": modernVersion,
        "mcp-method": method,
        ...(params.name !== undefined && { "mcp-name": params.name }),
      }),
    },
    body: JSON.stringify(isModern ? { ...message, params: { ...params, _meta } } : message),
  };
}

/** The call that is measured, and what stands in its answer. */
export const sumCall = toToolCall("sum", { a: 2, b: 3 });
export const sumAnswer = /"structuredContent":\s*\{\s*"sum":\s*5\s*\}/;

/** Sends a request and judges the answer. @throws Error with the answer, where it is another. */
export async function expectAnswer(target: Target, sent: Sent, expected: RegExp): Promise<void> {
  const { status, text } = await ask(target, sent);
  if (status === 200 && expected.test(text)) return;
  throw new Error(`${sent.path} answered ${status} instead of ${expected}: ${text.slice(0, 500)}`);
}

/** Calls `sum`. @throws Error where the answer is not 5. */
export function callSum(target: Target, sent: Sent): Promise<void> {
  return expectAnswer(target, sent, sumAnswer);
}

/** Opens a client of the initialize era. @returns it, with its session where the server gave one. */
export async function initialize(
  target: Target,
  client: ClientParts,
  capabilities: object = {},
): Promise<ClientParts> {
  const answer = await ask(target, toRequest(client, toInitialize(capabilities)));
  if (answer.status !== 200) {
    throw new Error(`initialize answered ${answer.status}: ${answer.text.slice(0, 500)}`);
  }
  const sessionId = answer.headers["mcp-session-id"];
  const opened = { ...client, ...(typeof sessionId === "string" && { sessionId }) };
  const told = { jsonrpc: "2.0", method: "notifications/initialized" };
  const { status } = await ask(target, toRequest(opened, told));
  if (status !== 202) throw new Error(`notifications/initialized answered ${status}.`);
  return opened;
}
