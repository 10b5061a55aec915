import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { UserError } from "../../errors.ts";
import { setSecret } from "./settings-file.ts";

/** A CLI that does this. */
async function provideCli(script: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "cli-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, "pulumi"), `#!/bin/sh\n${script}\n`);
  await chmod(join(folder, "pulumi"), 0o700);
  // Not the one that this machine may have.
  vi.stubEnv("PULUMI_HOME", folder);
  vi.stubEnv("PATH", `${folder}:${process.env.PATH}`);
  onTestFinished(() => void vi.unstubAllEnvs());
}

test("a CLI that refuses a secret, or ends before it has read it, is told without the secret", async () => {
  const value = "canary-secret".padEnd(1_000_000, "x");
  const setting = { stack: "dev", key: "example:probeSecret", value };
  await provideCli('echo "error: no stack named dev" >&2\nexit 255');
  const early = await setSecret(setting).catch((error: unknown) => error);
  expect(early).toEqual(
    new UserError("example:probeSecret could not be set for dev:\nerror: no stack named dev"),
  );
  await provideCli('printf "error: what is " >&2; cat >&2\nexit 1');
  const late = await setSecret(setting).catch((error: unknown) => error);
  expect(late).toEqual(
    new UserError("example:probeSecret could not be set for dev:\nerror: what is ***"),
  );
  await provideCli('[ "$(cat)" = "$EXPECTED" ] && [ "$6 $7" = "--config-file other.yaml" ]');
  vi.stubEnv("EXPECTED", "short");
  await setSecret({ ...setting, value: "short", file: "other.yaml" });
});
