import { expect, test } from "vitest";
import { callTool } from "../../tests/support/worker/call-tool.ts";
import { scopes as catalogue } from "../scopes.ts";
import whoami from "./whoami.ts";

test("it says who is signed in, how, at which client, and what was allowed", async () => {
  const scopes = ["profile:read", "math:use"];
  const { structured, text } = await callTool(whoami, {}, { catalogue, person: "ada", scopes });
  expect(structured).toEqual({
    id: "ada",
    email: "ada@example.com",
    identityMethod: "demo",
    clientId: "test-client",
    scopes: ["math:use", "profile:read"],
  });
  expect(text).toBe("Signed in as ada@example.com (demo), with the scopes math:use, profile:read.");
});
