import { expect, test } from "vitest";
import { scopes as catalogue } from "../../tests/fixture/scopes.ts";
import { callTool } from "../../tests/support/worker/call-tool.ts";
import { whoami as makeTool } from "./index.ts";

const whoami = makeTool({ scope: "demo:profile" });

test("it says who is signed in, how, at which client, and what was allowed", async () => {
  const scopes = ["demo:profile", "demo:use"];
  const { structured, text } = await callTool(whoami, {}, { catalogue, person: "ada", scopes });
  expect(structured).toEqual({
    id: "ada",
    email: "ada@example.com",
    identityMethod: "demo",
    clientId: "test-client",
    scopes: ["demo:use", "demo:profile"],
  });
  expect(text).toBe("Signed in as ada@example.com (demo), with the scopes demo:use, demo:profile.");
});

test("of a machine client it says that no person is behind it", async () => {
  const { structured, text } = await callTool(whoami, {}, { machine: "nightly" });
  expect(structured).toEqual({
    id: "machine:nightly",
    identityMethod: "machine",
    clientId: "test-client",
    scopes: ["demo:profile"],
  });
  expect(text).toBe(
    "The machine client nightly, which acts for no person, with the scopes demo:profile.",
  );
});
