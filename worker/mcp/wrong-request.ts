import type { JSONRPCMessage, McpServer } from "@modelcontextprotocol/server";
import { isJSONRPCErrorResponse, ProtocolErrorCode } from "@modelcontextprotocol/server";
import * as z from "zod";

/** How many wrong members are named; a long list may have one for each of its items. */
const mostNamed = 10;

/** What a validator says about one member. */
const issues = z.array(
  z.looseObject({ path: z.array(z.union([z.string(), z.number()])), message: z.string() }),
);

/**
 * Makes a server say in words what is wrong with a request. The SDK answers one that does not fit the
 * protocol's schemas with its validator's findings as JSON, most of them as -32603, a failure of the
 * server, which makes a client give up instead of the model correct itself.
 */
export function explainWrongRequests({ server }: McpServer): void {
  const { connect } = server;
  server.connect = (transport) => {
    const { send } = transport;
    transport.send = (message, options) => send.call(transport, toWords(message), options);
    return connect.call(server, transport);
  };
}

function toWords(message: JSONRPCMessage): JSONRPCMessage {
  if (!isJSONRPCErrorResponse(message)) return message;
  const words = explain(message.error.message);
  if (words === undefined) return message;
  return { ...message, error: { code: ProtocolErrorCode.InvalidParams, message: words } };
}

/** @returns undefined if the SDK already says it in words. */
function explain(text: string): string | undefined {
  if (/^Tool [\s\S]* not found$/.test(text)) {
    return `${text}. The list of tools that you have may be old. Ask for it again with tools/list.`;
  }
  const [, json] = /^(?:Invalid \S+ request: )?(\[[\s\S]*\])$/.exec(text) ?? [];
  if (json === undefined) return undefined;
  const found = issues.safeParse(parse(json));
  if (!found.success || found.data.length === 0) return undefined;
  const wrong = found.data
    .slice(0, mostNamed)
    .map(({ path, message }) => `${path.join(".")}: ${message}`)
    .join("; ");
  // Zod's "undefined" means nothing to whoever reads this.
  const words = wrong.replaceAll("received undefined", "and it is missing");
  return `The request is wrong. ${words}. Correct it and send it again.`;
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
