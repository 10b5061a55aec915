/** Features of the Workers runtime that the Worker cannot do without. */
export const requiredFlags: readonly string[] = [
  // A modern client cancels a call by leaving (MCP 2026-07-28, transports): this tells the tool.
  "enable_request_signal",
  // A client's metadata document is fetched from the open Internet only, never from the own zone.
  "global_fetch_strictly_public",
  // AsyncLocalStorage, the one thing of Node that the pages use: contexts of hono/jsx.
  "nodejs_als",
];
