import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { makeTempFolder } from "../../tests/support/temp-folder.ts";
import { findDeployedStacks } from "./deployed-stacks.ts";

test("a stack of the project that holds something is found in a file backend, and no other", async () => {
  await using folder = await makeTempFolder();
  vi.stubEnv("PULUMI_BACKEND_URL", `file://${folder.path}`);
  onTestFinished(() => void vi.unstubAllEnvs());
  await writeFile(join(folder.path, "Pulumi.yaml"), "name: acme\nruntime: nodejs\n");
  const put = async (project: string, stack: string, resources: readonly object[]) => {
    const stacks = join(folder.path, ".pulumi/stacks", project);
    await mkdir(stacks, { recursive: true });
    const state = { version: 3, checkpoint: { latest: { resources } } };
    await writeFile(join(stacks, `${stack}.json`), JSON.stringify(state));
  };
  expect(await findDeployedStacks(folder.path, "acme")).toEqual({ names: [] });
  await put("acme", "empty", []);
  await put("acme", "prod", [{ type: "pulumi:pulumi:Stack" }]);
  await put("other", "dev", [{ type: "pulumi:pulumi:Stack" }]);
  expect(await findDeployedStacks(folder.path, "acme")).toEqual({ names: ["prod"] });
});
