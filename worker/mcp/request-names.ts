import type { JSONRPCMessage, MessageExtraInfo, Transport } from "@modelcontextprotocol/server";

/**
 * Names the requests that a server sends its client after the server itself. A session that is made
 * anew counts from 0 again, and the answer to a question of the one before must not be taken for the
 * answer to another. To be called once the server is connected.
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
