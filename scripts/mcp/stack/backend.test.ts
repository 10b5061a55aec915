import { execFile } from "node:child_process";
import { chmod, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { makeTempFolder } from "../../../tests/support/temp-folder.ts";

/** Runs a text as a module of this folder, with a CLI that notes what it is asked and answers by this script. */
async function run(text: string, answer: string) {
  await using folder = await makeTempFolder();
  const asked = join(folder.path, "asked");
  const cli = join(folder.path, "pulumi");
  await writeFile(asked, "");
  await writeFile(cli, `#!/bin/sh\necho "$*" >>'${asked}'\n${answer}\n`);
  await chmod(cli, 0o700);
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ["--input-type=module", "--eval", text],
    {
      cwd: import.meta.dirname,
      // Not the CLI that this machine may have.
      env: { PATH: `${folder.path}:${process.env.PATH}`, PULUMI_HOME: folder.path },
    },
  );
  return { told: JSON.parse(stdout) as unknown, asked: await readFile(asked, "utf8") };
}

test("a stack is read without Pulumi's SDK, and what is known of it is not asked again until it is changed", async () => {
  const text = `
    import { createRequire } from "node:module";
    import { ProjectStack } from "./stack.ts";
    const stack = await ProjectStack.openOrCreate("prod");
    const before = await stack.tags();
    await Promise.all([stack.config(), stack.config()]);
    await stack.setTags({ owner: "ada" });
    await stack.tags();
    await stack.removeTag("owner");
    const loaded = Object.keys(createRequire(import.meta.url).cache);
    const isSdk = (path) => /@pulumi.pulumi|cloudflare/.test(path);
    console.log(JSON.stringify({ before, sdk: loaded.filter(isSdk).length }));
  `;
  const { told, asked } = await run(text, `echo '{"adopted":"yes"}'`);
  expect(told).toEqual({ before: { adopted: "yes" }, sdk: 0 });
  expect(asked.trim().split("\n")).toEqual([
    "stack tag ls --json --stack prod --non-interactive",
    "config --show-secrets --json --stack prod --non-interactive",
    "stack tag set owner ada --stack prod --non-interactive",
    "stack tag ls --json --stack prod --non-interactive",
    "stack tag rm owner --stack prod --non-interactive",
  ]);
});

test("a stack that is not there is made, once nobody else has; and what keeps it from being read is told", async () => {
  const text = `
    import { NoSuchStack } from "./cli.ts";
    import { ProjectStack } from "./stack.ts";
    const tell = (opening) => opening.then(
      ({ isNew }) => ({ isNew }),
      (error) => (error instanceof NoSuchStack ? "none" : error.message),
    );
    console.log(JSON.stringify([
      await tell(ProjectStack.open("none")),
      await tell(ProjectStack.openOrCreate("none")),
      await tell(ProjectStack.create("made")),
      await tell(ProjectStack.open("locked")),
    ]));
  `;
  const { told } = await run(
    text,
    `case "$*" in
      *locked*) echo "warning: old" >&2; echo "error: passphrase must be set" >&2; exit 255 ;;
      "stack init made"*) echo "error: stack 'made' already exists" >&2; exit 255 ;;
      *"tag ls"*none*) echo "error: no stack named 'none' found" >&2; exit 255 ;;
    esac
    echo '{}'`,
  );
  expect(told).toEqual([
    "none",
    { isNew: true },
    { isNew: false },
    expect.stringMatching(/^Pulumi cannot read the stack "locked": its secrets .* passphrase/),
  ]);
});

test("tags that are read while one is written are not remembered", async () => {
  const text = `
    import { ProjectStack } from "./stack.ts";
    const stack = await ProjectStack.open("prod");
    for (const write of [() => stack.setTags({ owner: "ada" }), () => stack.removeTag("owner")]) {
      const written = write();
      await stack.tags();
      await written;
      await stack.tags();
    }
    console.log("null");
  `;
  const { asked } = await run(text, `echo '{}'`);
  // At the opening, and for each write while it goes on and after it.
  expect(asked.match(/^stack tag ls/gm)).toHaveLength(5);
});
