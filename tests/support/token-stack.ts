import { test as base } from "vitest";
import { type StackServer, startStackServer } from "./stack-server.ts";

/** `test` with a server that the tests of one file share, whose people may make personal tokens for 90 days. */
export const test = base.extend(
  "server",
  { scope: "file" },
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads the pattern to know what is needed.
  async ({}, { onCleanup }): Promise<StackServer> => {
    const server = await startStackServer({ settings: { personalTokens: "90" } });
    onCleanup(() => server[Symbol.asyncDispose]());
    return server;
  },
);
