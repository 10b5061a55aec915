import type { JSONRPCMessage, MessageExtraInfo, Transport } from "@modelcontextprotocol/server";

/**
 * Puts a mark of this server into the ids of the requests that it sends its client. A session that is made
 * again counts from 0, and an answer to an earlier question must not be taken for the answer to a new one. Call
 * it once the server is connected.
 */
export function nameRequests(transport: Transport): void {
  const prefix = `${crypto.randomUUID()}.`;
  const { send, onmessage } = transport;
  transport.send = (message, options) => send.call(transport, toNamed(message, prefix), options);
  transport.onmessage = (message: JSONRPCMessage, extra?: MessageExtraInfo) => {
    const own = toOwn(message, prefix);
    if (own !== undefined) onmessage?.call(transport, own, extra);
  };
}

function toNamed(message: JSONRPCMessage, prefix: string): JSONRPCMessage {
  return "method" in message && "id" in message
    ? { ...message, id: `${prefix}${message.id}` }
    : message;
}

/** Undefined for an answer to a question that this server never asked. */
function toOwn(message: JSONRPCMessage, prefix: string): JSONRPCMessage | undefined {
  if ("method" in message) return message;
  const { id } = message;
  if (typeof id !== "string" || !id.startsWith(prefix)) return undefined;
  return { ...message, id: Number(id.slice(prefix.length)) };
}
