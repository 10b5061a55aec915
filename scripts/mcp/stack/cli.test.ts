import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { makeTempFolder, type TempFolder } from "../../../tests/support/temp-folder.ts";

/** Runs a text as a module of this folder, where no CLI is installed and npm's package gets this one as its installer. */
async function runWithout(folder: TempFolder, text: string, installer: string): Promise<unknown> {
  const web = join(folder.path, "web.mjs");
  const answer = JSON.stringify(`PATH=/usr/bin:/bin\n${installer}`);
  await writeFile(web, `globalThis.fetch = async () => new Response(${answer});`);
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ["--input-type=module", "--eval", text],
    {
      cwd: import.meta.dirname,
      env: {
        // Not the CLI that this machine may have.
        PATH: folder.path,
        PULUMI_HOME: folder.path,
        NODE_OPTIONS: `--import=${pathToFileURL(web)}`,
      },
    },
  );
  return JSON.parse(stdout);
}

test("two readings at once fetch the CLI that is missing once, and what comes later uses it", async () => {
  await using folder = await makeTempFolder();
  const log = join(folder.path, "fetched");
  const text = `
    import { listStacks, readConfig, readTags } from "./backend.ts";
    const both = await Promise.all([listStacks(), readConfig("prod")]);
    console.log(JSON.stringify([...both, await readTags("prod")]));
  `;
  // Its third argument is the folder to install to.
  const installer = `
    echo once >>'${log}'
    sleep 0.2
    mkdir -p "$3/bin"
    printf '#!/bin/sh\\necho "[]"\\n' >"$3/bin/pulumi"
    chmod +x "$3/bin/pulumi"
  `;
  expect(await runWithout(folder, text, installer)).toEqual([[], [], []]);
  expect(await readFile(log, "utf8")).toBe("once\n");
});

test("a CLI that could not be fetched is told by each reading, and fetched again by the next one", async () => {
  await using folder = await makeTempFolder();
  const log = join(folder.path, "tried");
  const text = `
    import { listStacks, readTags } from "./backend.ts";
    import { openEngine } from "./engine.ts";
    const told = [];
    for (const read of [listStacks, () => readTags("prod"), () => openEngine("prod")]) {
      told.push(await read().catch((error) => error.message));
    }
    console.log(JSON.stringify(told));
  `;
  const told = await runWithout(folder, text, `echo once >>'${log}'; exit 7`);
  const reason = expect.stringMatching(
    /^Pulumi c.*: there is no Pulumi CLI on this machine, and npm's package `pulumi` could not fetch it \(pulumi: Command failed/,
  );
  expect(told).toEqual([reason, reason, reason]);
  expect(await readFile(log, "utf8")).toBe("once\n".repeat(3));
});
