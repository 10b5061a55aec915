import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { makeTempFolder } from "../tests/support/temp-folder.ts";
import { projectRoot } from "./bundle.ts";

/** Runs a text as a module of this folder, and gives back what it printed, and Node beside it. */
async function run(text: string, nodeArgs: readonly string[] = [], variables = {}) {
  const args = [...nodeArgs, "--input-type=module", "--eval", text];
  const options = { cwd: import.meta.dirname, env: { PATH: process.env.PATH, ...variables } };
  const { stdout, stderr } = await promisify(execFile)(process.execPath, args, {
    ...options,
    maxBuffer: 2 ** 26,
  });
  return { stdout, stderr };
}

test("Pulumi's SDK loads what serializes functions when a function is serialized, and not before", async () => {
  const { stdout } = await run(`
    import "./quick-start.ts";
    import { createRequire } from "node:module";
    const { cache } = createRequire(import.meta.url);
    // What each of them begins with.
    const parts = /node_modules.(typescript.lib.typescript|@npmcli.arborist.lib.arborist.index|normalize-package-data.lib.fixer).js$/;
    const count = () => Object.keys(cache).filter((path) => parts.test(path)).length;
    const { runtime } = await import("@pulumi/pulumi");
    const before = count();
    const { text } = await runtime.serializeFunction(() => 20 + 22);
    console.log(JSON.stringify({ before, after: count(), isText: text.includes("20 + 22") }));
  `);
  expect(JSON.parse(stdout)).toEqual({ before: 0, after: 1, isText: true });
});

test("a run of the program leaves what Node has compiled for other processes as it is", async () => {
  await using folder = await makeTempFolder();
  const { runtime } = parse(await readFile(join(projectRoot, "Pulumi.yaml"), "utf8")) as {
    readonly runtime: { readonly options: { readonly nodeargs: string } };
  };
  const variables = { NODE_COMPILE_CACHE: folder.path };
  const other = 'import "@pulumi/pulumi/log/index.js";';
  // What the SDK does before it loads a program.
  const program = `import "@pulumi/pulumi/runtime/closure/v8Hooks.js"; await import("@pulumi/pulumi/log/index.js");`;
  await run(other, [], variables);
  await run(program, runtime.options.nodeargs.split(" "), variables);
  const { stdout, stderr } = await run(other, [], {
    ...variables,
    NODE_DEBUG_NATIVE: "COMPILE_CACHE",
  });
  const printed = stdout + stderr;
  expect(printed.match(/was accepted/g)?.length).toBeGreaterThan(10);
  expect(printed).not.toContain("was rejected");
});
