import { execFile } from "node:child_process";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { projectRoot } from "../../infra/bundle.ts";
import { findChromium } from "../support/chromium.ts";
import { makeTempFolder } from "../support/temp-folder.ts";

const run = promisify(execFile);

test("CI and the tests take the same browser: CHROME_PATH, else chromium, else google-chrome", async () => {
  await using machine = await makeTempFolder();
  const cases: readonly (readonly [installed: string[], chromePath: string, found?: string])[] = [
    [["chromium", "google-chrome", "own"], "own", "own"],
    [["chromium", "google-chrome"], "own", "chromium"],
    [["chromium", "google-chrome"], "", "chromium"],
    [["google-chrome"], "", "google-chrome"],
    [[], ""],
  ];
  for (const [index, [installed, chromePath, found]] of cases.entries()) {
    const folder = join(machine.path, String(index));
    await mkdir(folder);
    for (const name of installed)
      await writeFile(join(folder, name), "#!/bin/sh\n", { mode: 0o755 });
    await symlink("/bin/bash", join(folder, "bash"));
    const environment = {
      PATH: folder,
      CHROME_PATH: chromePath === "" ? "" : join(folder, chromePath),
    };
    const ofCi = await run(join(projectRoot, ".ci/find-browser"), { env: environment }).then(
      ({ stdout }) => stdout.trim(),
      () => undefined,
    );
    const expected = found === undefined ? undefined : join(folder, found);
    expect([ofCi, findChromium(environment)], found).toEqual([expected, expected]);
  }
});
