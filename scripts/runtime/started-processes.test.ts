import { expect, onTestFinished, test, vi } from "vitest";
import { makeTempFolder } from "../../tests/support/temp-folder.ts";
import { WorkerRuntime, WorkerStartError } from "./runtime.ts";

test("a workerd that this machine cannot run fails each start with the reason, and ends nothing else", async () => {
  await using folder = await makeTempFolder();
  onTestFinished(() => void vi.unstubAllEnvs());
  // As where the C library is missing that it was made for.
  vi.stubEnv("MINIFLARE_WORKERD_PATH", `${folder.path}/workerd`);
  for (const options of [{}, { dataDirectory: folder.path }]) {
    const start = WorkerRuntime.boot([], options);
    await expect(start).rejects.toThrow(WorkerStartError);
    await expect(start).rejects.toThrow(/spawn .*workerd ENOENT/);
  }
});
