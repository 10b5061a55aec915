import { listClasses } from "../../../infra/deployed-worker.ts";
import { count } from "../../terminal/format.ts";
import type { DeclaredStack } from "../stack/declared.ts";
import { collect, type Explorer, listKvKeys } from "../stack/explore.ts";

/** Objects of one class, or keys, that are counted at most: more is told as "more than". */
const mostCounted = 100_000;

/** What a stack stores for people, in numbers, or why it could not be counted. */
export interface Holdings {
  readonly grants: string;
  readonly clients: string;
  /** Of Durable Objects, by class. */
  readonly objects: readonly string[];
  /** Of tools' databases and buckets. */
  readonly data: readonly string[];
}

/**
 * Counts what goes with a stack.
 * @throws UserError for an API that fails. What the token may not count is said in words.
 */
export async function countHoldings(
  explorer: Explorer,
  declared: DeclaredStack,
): Promise<Holdings> {
  const [[grants, clients], objects, data] = await Promise.all([
    countConnections(explorer, declared),
    countObjects(explorer, declared),
    countData(explorer, declared),
  ]);
  return { grants, clients, objects, data };
}

type Counted = readonly [grants: string, clients: string];

async function countConnections(
  { accountId: account_id, seek }: Explorer,
  { namespaces }: DeclaredStack,
): Promise<Counted> {
  const [namespace] = namespaces;
  if (namespace === undefined) return ["no grants", "no clients"];
  const looked = await seek("kv", async (client) => {
    const grants = await listKvKeys(client, account_id, namespace.id, "grant:");
    return { grants, clients: await listKvKeys(client, account_id, namespace.id, "client:") };
  });
  if ("notChecked" in looked) {
    const why = notCountable(looked.notChecked);
    return [`grants: ${why}`, `clients: ${why}`];
  }
  if (looked.found === undefined) return ["already gone, with every grant", "and every client"];
  const { grants, clients } = looked.found;
  const people = new Set(grants.map((key) => key.split(":")[1]));
  return [
    `${count(grants.length, "grant")} of ${people.size === 1 ? "1 person" : `${people.size} people`}`,
    count(clients.length, "registered client"),
  ];
}

async function countObjects(
  { accountId: account_id, seek }: Explorer,
  { worker }: DeclaredStack,
): Promise<string[]> {
  if (worker === undefined) return [];
  const looked = await seek("scripts", async (client) => {
    const { objects } = client.durableObjects.namespaces;
    const own = await listClasses(client, account_id, worker.scriptName);
    return Promise.all(
      own.map(async ({ id, name }) => {
        let found = 0;
        for await (const _object of objects.list(id, { account_id, limit: 10_000 })) {
          found += 1;
          if (found >= mostCounted) break;
        }
        return { name, found };
      }),
    );
  });
  if ("notChecked" in looked) return [`Durable Objects: ${notCountable(looked.notChecked)}`];
  return (looked.found ?? [])
    .filter(({ found }) => found > 0)
    .map(
      ({ name, found }) =>
        `${found >= mostCounted ? "more than " : ""}${count(found, `${name} object`)}`,
    );
}

async function countData(
  { accountId: account_id, seek }: Explorer,
  { databases, buckets }: DeclaredStack,
): Promise<string[]> {
  const ofDatabases = databases.map(async ({ id, name }) => {
    const looked = await seek("d1", (client) => client.d1.database.get(id, { account_id }));
    if ("notChecked" in looked) return `D1 database ${name}: ${notCountable(looked.notChecked)}`;
    if (looked.found === undefined) return `D1 database ${name}: already gone`;
    const { num_tables: tables = 0, file_size: bytes = 0 } = looked.found;
    return `D1 database ${name}: ${count(tables, "table")}, ${count(bytes, "byte")}`;
  });
  const ofBuckets = buckets.map(async ({ name }) => {
    const looked = await seek("r2", async (client) => {
      const objects = await collect(client.r2.buckets.objects.list(name, { account_id }));
      return objects.length;
    });
    if ("notChecked" in looked) return `R2 bucket ${name}: ${notCountable(looked.notChecked)}`;
    if (looked.found === undefined) return `R2 bucket ${name}: already gone`;
    return `R2 bucket ${name}: ${count(looked.found, "object")}`;
  });
  return Promise.all([...ofDatabases, ...ofBuckets]);
}

function notCountable(reason: string): string {
  return `not countable (${reason})`;
}

/** Deletes at a time. */
const batchSize = 8;

/**
 * Empties the buckets of a stack: Cloudflare refuses to delete one with objects in it (10008).
 * @throws UserError as the explorer: a second run continues with what is left.
 */
export async function emptyBuckets(
  { accountId: account_id, find, ask }: Explorer,
  { buckets }: DeclaredStack,
  onProgress: (what: string) => void,
): Promise<void> {
  for (const { name: bucket_name } of buckets) {
    // One that somebody has deleted has none.
    const objects =
      (await find("r2", (client) =>
        collect(client.r2.buckets.objects.list(bucket_name, { account_id })),
      )) ?? [];
    const keys = objects.flatMap(({ key }) => key ?? []);
    for (let done = 0; done < keys.length; done += batchSize) {
      onProgress(`emptying ${bucket_name}: ${done} of ${keys.length} objects`);
      const some = keys.slice(done, done + batchSize);
      await ask("r2", (client) =>
        Promise.all(
          some.map((key) => client.r2.buckets.objects.delete(key, { account_id, bucket_name })),
        ),
      );
    }
  }
}
