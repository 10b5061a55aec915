import { expect, test } from "vitest";
import { DevServer } from "../../scripts/dev/server.ts";
import { writeFixtureProject } from "../support/fixture-project.ts";
import { makeTempFolder } from "../support/temp-folder.ts";

test("where a workflow has no secret for a tool, a test of the server gives it a stand-in", async () => {
  await using folder = await makeTempFolder();
  await writeFixtureProject(folder.path);
  const options = {
    stack: "dev",
    port: 0,
    projectFolder: folder.path,
    directory: folder.path,
    program: "tests/dev/secret-tool.ts",
  };
  await expect(DevServer.start(options)).rejects.toThrow(/lookUpKey.*needs this secret/);
  await using server = await DevServer.start({ ...options, standIns: { lookUpKey: "stand-in" } });
  expect((await fetch(server.origin)).status).toBe(200);
});
