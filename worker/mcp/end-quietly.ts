import type { McpServer } from "@modelcontextprotocol/server";

/**
 * Lets a server that answers one request end quietly once it has answered. The SDK would close it as if its
 * client had left: it would create an error with a stack and abort work that is done, which is a fifth of what
 * a call costs. A server that is closed before its answer still stops its work.
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
      // The maker of the server is told in both cases.
      if (isAnswered) server.onclose?.();
      else onclose?.();
    };
  };
}
