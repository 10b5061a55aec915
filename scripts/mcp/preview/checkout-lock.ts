import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { projectRoot } from "../../../infra/bundle.ts";
import { UserError } from "../../errors.ts";
import { toFileName } from "../stack/short-name.ts";

/** Milliseconds for which another run in this checkout is waited for. */
const patience = 600_000;

/**
 * Does something while no other run of this checkout works on the same stack: the CLI writes the stack's
 * settings file in place, so a second run could read half of it. Runs elsewhere wait at the backend. The
 * lock is SQLite's, which the system releases with the process, however it ends.
 * @throws UserError if another run holds it for too long.
 */
export async function holdCheckout<Result>(
  stack: string,
  onWait: () => void,
  act: () => Promise<Result>,
): Promise<Result> {
  const folder = join(projectRoot, ".build/previews");
  await mkdir(folder, { recursive: true });
  const database = new DatabaseSync(join(folder, `${toFileName(stack)}.lock`), { timeout: 0 });
  try {
    const late = Date.now() + patience;
    while (!tryToHold(database)) {
      if (Date.now() > late) {
        throw new UserError(
          `${stack}: another run in this checkout works on it, for longer than ${patience / 60_000} minutes. End that one, and run this again.`,
        );
      }
      onWait();
      await sleep(200);
    }
    return await act();
  } finally {
    database.close();
  }
}

function tryToHold(database: DatabaseSync): boolean {
  try {
    database.exec("BEGIN EXCLUSIVE");
    return true;
  } catch (error) {
    if (error instanceof Error && /database is locked/.test(error.message)) return false;
    throw error;
  }
}
