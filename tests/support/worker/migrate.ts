/** Gives the databases of a test's runtime the steps in `worker/migrations/`, as a deployment does. */
import { applyD1Migrations } from "cloudflare:test";
import { env } from "cloudflare:workers";
import type { D1Database } from "@cloudflare/workers-types";
import { beforeAll } from "vitest";

const given = env as unknown as Readonly<Record<string, D1Database>> & {
  readonly MIGRATIONS: string;
};
const migrations = JSON.parse(given.MIGRATIONS) as Readonly<
  Record<string, readonly { readonly name: string; readonly sql: string }[]>
>;

// In each file anew: what was stored before it began is gone.
beforeAll(async () => {
  for (const [binding, steps] of Object.entries(migrations)) {
    const database = given[binding];
    if (database === undefined) throw new Error(`The test's runtime has no database ${binding}.`);
    await applyD1Migrations(
      database as Parameters<typeof applyD1Migrations>[0],
      steps.map(({ name, sql }) => ({ name, queries: [sql] })),
    );
  }
});
