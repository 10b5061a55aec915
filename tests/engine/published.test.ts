import { constants } from "node:fs";
import { copyFile, lstat, mkdir, readdir, readlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { expect, onTestFinished, type TestContext, test, vi } from "vitest";
import { runPulumi } from "../support/deploy-stack.ts";
import { enginePath, requireEngine } from "../support/engine.ts";
import { EngineHome } from "../support/engine-home.ts";
import { runCli } from "../support/run-cli.ts";
import { makeTempFolder } from "../support/temp-folder.ts";
import { Workshop } from "../support/workshop.ts";
import { installLanguageHost } from "./language/install.ts";
import { installPlugin } from "./plugin/install.ts";
import { pluginFolder, pluginProgram } from "./published.ts";

/** A PULUMI_HOME as Pulumi's own programs leave it, the stand-ins in the places of what they stand for. */
async function layOut(skip: TestContext["skip"]) {
  const found = requireEngine(skip);
  const home = await makeTempFolder();
  onTestFinished(() => home[Symbol.asyncDispose]());
  const engine = enginePath(home.path);
  const plugin = join(home.path, "plugins", pluginFolder);
  await mkdir(dirname(engine), { recursive: true });
  // The engine looks beside its own file, whatever link led to it. 115 MB, shared where the disk can.
  await copyFile(found, engine, constants.COPYFILE_FICLONE);
  await installLanguageHost(dirname(engine));
  await installPlugin(plugin);
  return { path: home.path, engine, plugin };
}

test("CLOUDFLARE_PLUGIN=real deploys with a provider and a language host that lie where Pulumi puts them", async ({
  skip,
}) => {
  const home = await layOut(skip);
  const install = join(import.meta.dirname, "install-published.ts");
  const environment = {
    PATH: process.env.PATH ?? "",
    HOME: home.path,
    PULUMI_HOME: home.path,
    PULUMI_SKIP_UPDATE_CHECK: "1",
  };
  const installed = await runCli(install, [], environment, home.path);
  expect(installed.code, installed.stderr).toBe(0);
  expect(installed.stdout).toContain(join(home.plugin, pluginProgram));

  vi.stubEnv("PULUMI_HOME", home.path);
  vi.stubEnv("CLOUDFLARE_PLUGIN", "real");
  onTestFinished(() => void vi.unstubAllEnvs());
  await using shop = await Workshop.make(skip);
  const plugins = join(shop.environment.PULUMI_HOME ?? "", "plugins");
  expect(await readdir(plugins)).toEqual([pluginFolder]);
  expect((await lstat(join(plugins, pluginFolder))).isDirectory()).toBe(true);
  expect(await readlink(join(plugins, pluginFolder, pluginProgram))).toBe(
    join(home.plugin, pluginProgram),
  );
  await runPulumi(shop, "stack", "init", "dev");
  await runPulumi(shop, "up", "-s", "dev", "--yes", "--skip-preview");
  expect(shop.cloud.local.workers.map(({ script }) => script)).toEqual(["remote-mcp-server-dev"]);
});

test("what is missing of it is named, with how to get it", async ({ skip }) => {
  const engine = requireEngine(skip);
  await using empty = await makeTempFolder();
  vi.stubEnv("CLOUDFLARE_PLUGIN", "real");
  onTestFinished(() => void vi.unstubAllEnvs());
  vi.stubEnv("PULUMI_HOME", empty.path);
  vi.stubEnv("PATH", `${dirname(engine)}:${process.env.PATH}`);
  await expect(EngineHome.make(skip)).rejects.toThrow(/is not there\. Get it with: npx pulumi/);
});
