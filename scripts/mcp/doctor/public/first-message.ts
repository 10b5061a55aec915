/** What a client of the 2025 era posts first, which every server with a sign-in answers 401. */
export function initialize(): { method: string; headers: Record<string, string>; body: string } {
  return {
    method: "POST",
    headers: {
      accept: "application/json, text/event-stream",
      "content-type": "application/json",
    },
    body: JSON.stringify({
      jsonrpc: "2.0",
      id: 1,
      method: "initialize",
      params: {
        protocolVersion: "2025-11-25",
        capabilities: {},
        clientInfo: { name: "doctor (remote-mcp-server)", version: "1.0.0" },
      },
    }),
  };
}
