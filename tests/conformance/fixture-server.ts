import { type StackServer, startStackServer } from "../support/stack-server.ts";

/**
 * Boots the fixture Worker in the environment that the dev stack's program declares, with OAuth on:
 * the same bindings, settings and flags, and other features.
 */
export function startFixtureServer(): Promise<StackServer> {
  return startStackServer({ program: "tests/conformance/infra.ts" });
}
