import type { Alter } from "../../altered-server.ts";
import {
  answering,
  type Breaking,
  isCodeGrant,
  isFor,
  isForForeign,
  isRefresh,
  see,
  withForm,
  withRedirect,
} from "./alter.ts";

/** What a token is for. */
export const audienceBreakings: Readonly<Record<string, readonly Breaking[]>> = {
  "foreign-resource": [
    {
      what: "a code is given for another server's resource",
      ends: "warning",
      makeAlter: answering(
        ({ path, url }) => path === "/authorize" && isForForeign(url),
        (response) =>
          withRedirect(response, ({ searchParams }) => {
            searchParams.delete("error");
            searchParams.set("code", "for:another:server");
          }),
      ),
    },
    {
      what: "nobody looks at the resource of a request",
      ends: "warning",
      makeAlter: () => async (request, pass) => {
        const seen = await see(request);
        if (seen.path === "/authorize" && isForForeign(seen.url)) {
          seen.url.searchParams.delete("resource");
          return pass(new Request(seen.url, request));
        }
        if (!isRefresh(seen)) return pass(request);
        seen.form.delete("resource");
        return pass(withForm(request, seen.form));
      },
    },
  ],
  audience: [
    {
      what: "the endpoint of Streamable HTTP takes a token of the other",
      ends: "failed",
      makeAlter: () => takeTokensOf("/sse"),
    },
    {
      what: "the endpoint of HTTP+SSE takes a token of the other",
      ends: "failed",
      makeAlter: answering(
        ({ path, method }) => path === "/sse" && method === "GET",
        (response) => (response.ok ? response : new Response("", { status: 200 })),
      ),
    },
  ],
};

/** Lets tokens of another endpoint through at `/mcp`. */
function takeTokensOf(path: string): Alter {
  const tokens = new Set<string>();
  return async (request, pass) => {
    const seen = await see(request);
    const token = seen.headers.get("authorization")?.replace("Bearer ", "") ?? "";
    if (seen.path === "/mcp" && tokens.has(token)) return Response.json({});
    const response = await pass(request);
    if (isCodeGrant(seen) && isFor(seen, path) && response.ok) {
      const { access_token } = (await response.clone().json()) as { access_token: string };
      tokens.add(access_token);
    }
    return response;
  };
}
