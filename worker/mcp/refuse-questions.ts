import type { McpServer } from "@modelcontextprotocol/server";

/**
 * Makes a server without a session answer its own questions to the client at once, with an error: the client
 * would send its answer in another request, where nobody is waiting for it.
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
