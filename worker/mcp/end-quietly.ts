import type { McpServer } from "@modelcontextprotocol/server";

/**
 * Lets a server that answers one request end without a word once it has answered. The SDK closes it then as
 * one whose client has left: it makes an error with its stack and aborts the work, which is over. That is a
 * fifth of what a call costs. A server that is closed before its answer stops its work as ever.
 */
export function endQuietly({ server }: McpServer): void {
  const { connect } = server;
  server.connect = async (transport) => {
    const { send } = transport;
    let isAnswered = false;
    transport.send = (message, options) => {
      isAnswered ||= !("method" in message);
      return send.call(transport, message, options);
    };
    await connect.call(server, transport);
    const { onclose } = transport;
    transport.onclose = () => {
      // Whoever made the server is told in both cases.
      if (isAnswered) server.onclose?.();
      else onclose?.();
    };
  };
}
