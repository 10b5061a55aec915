import { expect } from "vitest";
import { addUpInInspector } from "../support/inspector-page.ts";
import { test } from "../support/test.ts";

test("a person connects the Inspector's page to /sse, logs in and adds two numbers", async ({
  server,
  skip,
}) => {
  await addUpInInspector(skip, server.origin);
  // It was the real HTTP+SSE transport.
  expect(server.requests.join("\n")).toContain('"route":"/sse/message","status":202');
});
