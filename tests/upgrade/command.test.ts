import { cp, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { projectRoot } from "../../infra/bundle.ts";
import { runCli } from "../support/run-cli.ts";
import { makeTempFolder } from "../support/temp-folder.ts";
import { Repository } from "./repository.ts";
import { smallUpstream } from "./small.ts";

/** In npm's place: writes down what it is called with, and asks no registry. */
const npm = `
import { appendFileSync } from "node:fs";
appendFileSync(new URL("calls.txt", import.meta.url), process.argv.slice(2).join(" ") + "\\n");
`;

test("npm run upgrade -- --dry-run tells what npm run upgrade then does", async () => {
  await using folder = await makeTempFolder();
  await using upstream = await Repository.of(smallUpstream);
  for (const part of ["infra", "scripts"]) {
    await cp(join(projectRoot, part), join(upstream.path, part), { recursive: true });
  }
  const manifest = { ...JSON.parse(await upstream.read("package.json")), type: "module" };
  const start = await upstream.commit("Code", { "package.json": JSON.stringify(manifest) });
  await using server = await Repository.clone(upstream);
  await symlink(join(projectRoot, "node_modules"), join(server.path, "node_modules"));
  await server.write(".git/info/exclude", "node_modules\n");
  await upstream.commit("Better", { "index.ts": "better\n" });
  await writeFile(join(folder.path, "npm.mjs"), npm);

  const run = (...args: string[]) => {
    const environment = {
      PATH: process.env.PATH ?? "",
      HOME: folder.path,
      NO_COLOR: "1",
      npm_execpath: join(folder.path, "npm.mjs"),
    };
    const file = join(server.path, "scripts/upgrade.ts");
    return runCli(file, args, environment, server.path);
  };
  const help = await run("--help");
  expect(help.code).toBe(0);
  for (const option of ["--from", "--to", "--dry-run"]) expect(help.stdout).toContain(option);
  expect(await run("--force")).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/--force[\s\S]*--dry-run/),
  });
  expect(await run("--from", "https://ada:secret@example.com/a")).toMatchObject({ code: 1 });
  expect(await run()).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/Where is upstream\?.*--from/),
  });

  const tried = await run("--from", upstream.path, "--dry-run");
  expect(tried).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/1 commit of upstream[\s\S]*Nothing was changed/),
  });
  expect(await server.git("rev-parse", "HEAD")).toBe(start);

  const done = await run("--from", upstream.path);
  expect(done).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/The way back: git reset --hard \w{40} && npm ci/),
  });
  expect(await server.read("index.ts")).toBe("better\n");
  const calls = await readFile(join(folder.path, "calls.txt"), "utf8");
  expect(calls.trim().split("\n")).toEqual([
    expect.stringMatching(/^install --package-lock-only /),
    process.platform === "win32" ? "install" : "ci",
    "run docs",
    "run test:mine",
  ]);
});
