import { projectRoot } from "../../infra/bundle.ts";
import { applyMigrations } from "../../infra/d1/apply.ts";
import { type DatabaseSteps, readMigrations } from "../../infra/d1/steps.ts";
import { UserError } from "../../infra/user-error.ts";
import { Storage } from "../local-cloud/storage.ts";
import { createStorageWorker } from "../local-cloud/storage-worker.ts";
import { Gate, type RuntimeEntry } from "../runtime/gate.ts";
import type { WorkerSpec } from "../runtime/worker-spec.ts";

/**
 * The D1 databases of a Worker, and the steps that they are to have (`worker/migrations/`). Without steps it
 * adds nothing to the runtime.
 */
export class Databases {
  /** Workers that the runtime needs beside the server's own, to reach the databases. */
  readonly specs: readonly WorkerSpec[];
  readonly #migrations: DatabaseSteps;
  readonly #ids: ReadonlyMap<string, string>;

  private constructor(migrations: DatabaseSteps, ids: ReadonlyMap<string, string>) {
    this.#migrations = migrations;
    this.#ids = ids;
    const databaseIds = [...migrations.keys()].flatMap((binding) => ids.get(binding) ?? []);
    this.specs =
      databaseIds.length === 0
        ? []
        : [createStorageWorker({ namespaceIds: [], databaseIds, buckets: [] })];
  }

  /** Reads the steps as they are now. @throws UserError for files that are not in order. */
  static async read({ bindings }: WorkerSpec, root = projectRoot): Promise<Databases> {
    const ids = new Map(
      bindings.flatMap((each) => (each.type === "d1" ? [[each.name, each.id] as const] : [])),
    );
    return new Databases(await readMigrations(root, [...ids.keys()]), ids);
  }

  /**
   * Applies what is pending, as `pulumi up` does.
   * @param runtime has `specs` in it.
   * @returns a line for each database that was changed.
   * @throws UserError for a step that fails, or was edited after it was applied.
   */
  async migrate(runtime: RuntimeEntry): Promise<string[]> {
    if (this.specs.length === 0) return [];
    using gate = new Gate();
    gate.open(runtime);
    const storage = new Storage(gate, async () => undefined);
    const lines: string[] = [];
    for (const [binding, steps] of this.#migrations) {
      const id = this.#ids.get(binding) ?? "";
      const applied = await withHint(() =>
        applyMigrations(binding, steps, async (sql) => {
          const results = await storage.query(id, [{ sql, params: [] }]);
          return results.at(-1)?.results ?? [];
        }),
      );
      if (applied.length > 0) lines.push(`${binding}: applied ${applied.join(", ")}`);
    }
    return lines;
  }
}

/** Adds what is possible on this machine, and not in a deployment. */
async function withHint<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    throw new UserError(
      `${error.message}\nOn this machine, \`npm start -- --fresh\` begins with an empty database.`,
    );
  }
}
