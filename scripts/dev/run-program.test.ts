import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { projectRoot } from "../../infra/bundle.ts";
import { fixtureProgram } from "../../tests/fixture/program.ts";
import { makeTempFolder } from "../../tests/support/temp-folder.ts";
import { ProgramRunner, runProgram } from "./run-program.ts";
import { readStackConfig } from "./stack-config.ts";

const origin = "http://localhost:8787";

async function createRequest() {
  const { values, ...config } = await readStackConfig(projectRoot, "dev");
  const key = `${config.project}:publicUrl`;
  return { ...config, values: { ...values, [key]: origin }, keys: {}, program: fixtureProgram };
}

test("a run that is given up ends with the reason, and the next one has a process of its own", async () => {
  using runner = new ProgramRunner();
  const request = await createRequest();
  const newer = new AbortController();
  const run = runner.run(request, newer.signal);
  newer.abort();
  await expect(run).rejects.toBe(newer.signal.reason);
  await expect(runner.run(request, newer.signal)).rejects.toBe(newer.signal.reason);

  runner.prepare();
  runner.prepare();
  const { resources } = await runner.run(request);
  expect(resources.length).toBeGreaterThan(0);
});

test("a run asks Git nothing, which would look at every file of the checkout", async () => {
  await using folder = await makeTempFolder();
  const asked = join(folder.path, "asked");
  await writeFile(join(folder.path, "git"), `#!/bin/sh\necho "$@" >> ${asked}\n`, { mode: 0o700 });
  vi.stubEnv("PATH", [folder.path, process.env.PATH].join(delimiter));
  onTestFinished(() => void vi.unstubAllEnvs());
  await runProgram(await createRequest());
  expect(existsSync(asked)).toBe(false);
});
