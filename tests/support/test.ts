import { test as base } from "vitest";
import { type StackServer, startStackServer } from "./stack-server.ts";

/**
 * `test` with a server that the tests of one file share: starting one takes longer than most of
 * them. Each test brings people and clients of its own, so none sees what another left behind. A
 * test that counts log lines or restarts the server starts its own. Its stack is the dev server's, without the process
 * that `npm start` runs the program in.
 */
export const test = base.extend(
  "server",
  { scope: "file" },
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads the pattern to know what is needed.
  async ({}, { onCleanup }): Promise<StackServer> => {
    const server = await startStackServer();
    onCleanup(() => server[Symbol.asyncDispose]());
    return server;
  },
);
