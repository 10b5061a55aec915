import {
  answering,
  asking,
  type Breaking,
  held,
  isModern,
  isPost,
  rpcError,
  withHeader,
  withoutProgress,
} from "./alter.ts";

/** Calls over Streamable HTTP. */
export const callsBreakings: Readonly<Record<string, readonly Breaking[]>> = {
  "token-opens": [
    {
      what: "a firewall blocks calls with a token",
      ends: "failed",
      makeAlter: answering(
        (seen) => isPost(seen, "/mcp"),
        () => new Response("<title>Blocked</title>", { status: 403 }),
      ),
    },
    {
      what: "the Authorization header is lost on its way to the endpoint",
      ends: "failed",
      makeAlter: asking(
        (seen) => isPost(seen, "/mcp"),
        (request) => {
          const headers = new Headers(request.headers);
          headers.delete("authorization");
          return new Request(request, { headers });
        },
      ),
    },
  ],
  "modern-call": [
    {
      what: "calls of the 2026-07-28 protocol fail",
      ends: "failed",
      makeAlter: answering(
        (seen) => isPost(seen, "/mcp") && isModern(seen),
        () => rpcError(500, -32603, "Internal error"),
      ),
    },
    {
      what: "the Mcp-Method header is lost on its way",
      ends: "failed",
      makeAlter: asking(
        (seen) => isPost(seen, "/mcp") && isModern(seen),
        (request) => {
          const headers = new Headers(request.headers);
          headers.delete("mcp-method");
          return new Request(request, { headers });
        },
      ),
    },
    {
      what: "the server does not speak the 2026-07-28 protocol",
      ends: "warning",
      makeAlter: answering(
        (seen) => isPost(seen, "/mcp") && isModern(seen),
        () => rpcError(400, -32000, "Bad Request: Unsupported protocol version"),
      ),
    },
  ],
  "legacy-call": [
    {
      what: "initialize fails",
      ends: "failed",
      makeAlter: answering(
        (seen) => isPost(seen, "/mcp") && seen.text.includes('"initialize"'),
        () => new Response("Bad gateway", { status: 502 }),
      ),
    },
    {
      what: "the server speaks the 2026-07-28 protocol only",
      ends: "warning",
      makeAlter: answering(
        (seen) => isPost(seen, "/mcp") && seen.text.includes('"initialize"'),
        () => rpcError(400, -32022, "Unsupported protocol version"),
      ),
    },
  ],
  progress: [
    {
      what: "progress is lost over Streamable HTTP",
      ends: "failed",
      makeAlter: answering((seen) => isPost(seen, "/mcp"), withoutProgress),
    },
    {
      what: "what stands in front of the server holds its streams back",
      ends: "warning",
      makeAlter: answering((seen) => isPost(seen, "/mcp"), held),
    },
  ],
  "step-up": [
    {
      what: "the challenge of a step-up is lost",
      ends: "failed",
      makeAlter: answering(
        (seen) => isPost(seen, "/mcp"),
        (response) =>
          response.status === 403 ? withHeader(response, "www-authenticate", undefined) : response,
      ),
    },
    {
      what: "the challenge of a step-up names no scope",
      ends: "warning",
      makeAlter: answering(
        (seen) => isPost(seen, "/mcp"),
        (response) =>
          response.status === 403
            ? withHeader(response, "www-authenticate", 'Bearer error="insufficient_scope"')
            : response,
      ),
    },
    {
      what: "the challenge of a step-up leaves out what was granted",
      ends: "warning",
      makeAlter: answering(
        (seen) => isPost(seen, "/mcp"),
        (response) =>
          response.status === 403
            ? withHeader(
                response,
                "www-authenticate",
                'Bearer error="insufficient_scope", scope="demo:read"',
              )
            : response,
      ),
    },
  ],
};
