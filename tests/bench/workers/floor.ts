/** The floor: the question read, one read of KV and a constant, which no server behind a token in KV can undercut. */
import type { KVNamespace } from "@cloudflare/workers-types";

const answer = JSON.stringify({
  jsonrpc: "2.0",
  id: 1,
  result: { content: [{ type: "text", text: "5" }], structuredContent: { sum: 5 } },
});

export default {
  async fetch(request: Request, { OAUTH_KV }: { readonly OAUTH_KV: KVNamespace }) {
    await request.text();
    await OAUTH_KV.get("token", "json");
    return new Response(answer, { headers: { "content-type": "application/json" } });
  },
};
