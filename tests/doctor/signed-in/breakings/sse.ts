import {
  answering,
  type Breaking,
  isFor,
  isPost,
  withHeader,
  withoutProgress,
  withRedirect,
} from "./alter.ts";

/** HTTP+SSE. */
export const sseBreakings: Readonly<Record<string, readonly Breaking[]>> = {
  "sse-sign-in": [
    {
      what: "the authorization server does not know the endpoint of HTTP+SSE",
      ends: "failed",
      makeAlter: answering(
        ({ path, url }) => path === "/authorize" && isFor({ url }, "/sse"),
        (response) =>
          withRedirect(response, ({ searchParams }) => {
            searchParams.delete("code");
            searchParams.set("error", "invalid_target");
          }),
      ),
    },
  ],
  "sse-stream": [
    {
      what: "the stream of HTTP+SSE is not to be had",
      ends: "failed",
      makeAlter: answering(
        ({ path, method }) => path === "/sse" && method === "GET",
        (response) => (response.ok ? new Response("Not found", { status: 404 }) : response),
      ),
    },
    {
      what: "the stream of HTTP+SSE comes as a page",
      ends: "failed",
      makeAlter: answering(
        ({ path, method }) => path === "/sse" && method === "GET",
        (response) => (response.ok ? withHeader(response, "content-type", "text/html") : response),
      ),
    },
  ],
  "sse-message": [
    {
      what: "messages of HTTP+SSE are refused",
      ends: "failed",
      makeAlter: answering(
        (seen) => isPost(seen, "/sse/message"),
        () => new Response("No such session", { status: 404 }),
      ),
    },
  ],
  "sse-progress": [
    {
      what: "progress is lost over HTTP+SSE",
      ends: "failed",
      makeAlter: answering(({ path }) => path === "/sse", withoutProgress),
    },
  ],
};
