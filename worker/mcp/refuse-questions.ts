import type { McpServer } from "@modelcontextprotocol/server";

/**
 * Lets a server that has no session answer its own questions to the client, with an error and at once: the
 * client would send its answer in a request of its own, which finds nobody who waits for it.
 */
export function refuseQuestions({ server }: McpServer): void {
  const { connect } = server;
  server.connect = (transport) => {
    const { send } = transport;
    transport.send = async (message, options) => {
      if (!("method" in message && "id" in message)) return send.call(transport, message, options);
      const words = "This client cannot be asked here: it has no session on this server.";
      const error = { code: -32603, message: words };
      transport.onmessage?.({ jsonrpc: "2.0", id: message.id, error });
    };
    return connect.call(server, transport);
  };
}
