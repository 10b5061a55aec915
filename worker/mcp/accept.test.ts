import { expect, test } from "vitest";
import { type QuestionRefusal, readAccept, toAccepted } from "./accept.ts";

const both = { json: true, eventStream: true };
const jsonOnly = { json: true, eventStream: false };
const streamOnly = { json: false, eventStream: true };
const neither = { json: false, eventStream: false };

test.each([
  [undefined, both],
  ["", both],
  ["*/*", both],
  ["application/json, text/event-stream", both],
  ["TEXT/Event-Stream , Application/JSON;charset=utf-8", both],
  ["application/json", jsonOnly],
  ["application/*", jsonOnly],
  ["text/event-stream", streamOnly],
  ["text/*;q=0.1", streamOnly],
  ["application/json;q=0, */*", streamOnly],
  ["*/*;q=0.1, text/event-stream;q=0", jsonOnly],
  ["text/html, application/xml", neither],
  ["*/*;q=0", neither],
])("Accept: %s", (accept, read) => {
  expect(readAccept(new Headers(accept === undefined ? {} : { accept }))).toEqual(read);
});

/** A request that nothing is asked for. */
const asked = {
  id: 1,
  refuseQuestion: () => Promise.reject(new Error("Nothing was asked.")),
};

const toStream = (...messages: object[]) =>
  new Response(
    `: keep-alive\n\n${messages.map((message) => `event: message\ndata: ${JSON.stringify(message)}\n\n`).join("")}`,
    { headers: { "content-type": "text/event-stream", "mcp-session-id": "x" } },
  );

test("a stream becomes its answer for a client that reads JSON only", async () => {
  const answer = { jsonrpc: "2.0", id: 1, result: {} };
  const progress = { jsonrpc: "2.0", method: "notifications/progress", params: {} };
  const response = await toAccepted(toStream(progress, answer), jsonOnly, asked);
  expect(response.headers.get("content-type")).toBe("application/json");
  expect(response.headers.get("mcp-session-id")).toBe("x");
  expect(await response.json()).toEqual(answer);
  const several = await toAccepted(toStream(answer, { ...answer, id: 2 }), jsonOnly, asked);
  expect(await several.json()).toEqual([answer, { ...answer, id: 2 }]);
});

test("a question that a client could not read is said to be one, at once", async () => {
  const question = { jsonrpc: "2.0", id: "q", method: "elicitation/create", params: {} };
  const refused: QuestionRefusal[] = [];
  const endless = new Response(
    new ReadableStream({
      start: (controller) => {
        const event = `event: message\ndata: ${JSON.stringify(question)}\n\n`;
        controller.enqueue(new TextEncoder().encode(event));
      },
    }),
    { headers: { "content-type": "text/event-stream" } },
  );
  const response = await toAccepted(endless, jsonOnly, {
    id: 7,
    refuseQuestion: async (answer) => void refused.push(answer),
  });
  expect(response.status).toBe(406);
  const error = { message: expect.stringContaining("text/event-stream") };
  expect(await response.json()).toMatchObject({ id: 7, error });
  expect(refused).toMatchObject([{ id: "q", error }]);
});

test("JSON becomes a stream of one event for a client that reads streams only", async () => {
  const response = await toAccepted(Response.json({ id: 1 }), streamOnly, asked);
  expect(response.headers.get("content-type")).toBe("text/event-stream");
  expect(await response.text()).toBe('event: message\ndata: {"id":1}\n\n');
});
