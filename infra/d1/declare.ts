import * as pulumi from "@pulumi/pulumi";
import * as z from "zod";
import type { Account } from "../account.ts";
import { createHook } from "../hook.ts";
import { applyMigrations } from "./apply.ts";
import { type DatabaseStep, findPending } from "./steps.ts";

/** Name and SHA-256 of each step, in order: the SQL itself never enters the state. */
const remembered = z.object({
  databaseId: z.string().optional(),
  steps: z.array(z.object({ name: z.string(), sha256: z.string() })),
});

/** A database and the steps that it is to have. */
export interface DatabaseMigrations {
  readonly binding: string;
  /** Name of the resource, as `migrations-notes-db`. */
  readonly name: string;
  readonly databaseId: pulumi.Output<string>;
  readonly steps: readonly DatabaseStep[];
  readonly account: Account;
}

/**
 * Declares that a database has had its steps. What must not run before them, as the Worker's upload, depends
 * on the result. The engine calls the hook if a step is new or the database is another one, and again after
 * an `up` that failed; in a preview it looks at what the stack remembers, and touches nothing.
 */
export function declareMigrations(
  { binding, name, databaseId, steps, account }: DatabaseMigrations,
  options: pulumi.CustomResourceOptions,
): pulumi.Resource {
  const isApplied = createHook(`${name}-are-applied`, async ({ oldInputs, newInputs }) => {
    const last = remembered.safeParse(oldInputs?.input).data;
    findPending(binding, steps, last?.steps ?? []);
    if (pulumi.runtime.isDryRun()) return;
    const { databaseId: id } = remembered.parse(newInputs?.input);
    if (id === undefined) throw new Error(`The database of ${binding} has no id.`);
    const query = (sql: string) => account.queryDatabase(id, sql);
    const applied = await applyMigrations(binding, steps, query);
    if (applied.length > 0) await pulumi.log.info(`${binding}: applied ${applied.join(", ")}`);
  });
  return new pulumi.Stash(
    name,
    { input: { databaseId, steps: steps.map(({ name, sha256 }) => ({ name, sha256 })) } },
    { ...options, hooks: { beforeCreate: [isApplied], beforeUpdate: [isApplied] } },
  );
}
