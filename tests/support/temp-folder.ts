import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A folder that is gone with its scope. */
export interface TempFolder extends AsyncDisposable {
  readonly path: string;
}

/** Makes an empty folder outside of everybody's home. */
export async function makeTempFolder(): Promise<TempFolder> {
  const path = await mkdtemp(join(tmpdir(), "remote-mcp-server-test-"));
  return {
    path,
    // A process that was just ended may still be writing.
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true, maxRetries: 5 }),
  };
}
