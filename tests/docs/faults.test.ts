import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { LocalCloud } from "../../scripts/local-cloud/server.ts";
import { makeTempFolder } from "../support/temp-folder.ts";
import { listBlocks, listCommands, parseDocument, readProject } from "./documents.ts";

test("the fault of docs/local-cloud.md is taken by a local cloud as it stands there", async () => {
  const path = "docs/local-cloud.md";
  const blocks = listBlocks(parseDocument(path, await readProject(path)));
  const commands = blocks.flatMap(({ value }) => listCommands(value));
  const [command = "", ...others] = commands.filter((line) => line.startsWith("curl "));
  expect(others).toEqual([]);
  await using folder = await makeTempFolder();
  await using cloud = await LocalCloud.start({ port: 0, directory: folder.path });
  const own = `127.0.0.1:${cloud.port}`;
  await promisify(execFile)("sh", ["-c", command.replace("127.0.0.1:8790", own)], {
    env: { PATH: process.env.PATH ?? "", CLOUDFLARE_API_TOKEN: cloud.token },
  });
  const waiting = await (
    await fetch(`http://${own}/_faults`, {
      headers: { authorization: `Bearer ${cloud.token}` },
    })
  ).json();
  expect(waiting).toEqual([
    {
      fault: expect.objectContaining({ method: "PUT", fault: { kind: "reset", when: "after" } }),
      left: 1,
    },
  ]);
});
