import { randomUUID } from "node:crypto";
import * as z from "zod";
import { fail } from "../api-error.ts";
import { now } from "../identifiers.ts";
import { listLimit } from "../read-body.ts";
import type { Database } from "../records.ts";
import { answer, answerPage, type Call, createRoutes } from "../route.ts";

const replication = z.object({ mode: z.enum(["auto", "disabled"]) });
const body = z.object({
  name: z.string().regex(/^[a-z0-9][a-z0-9_-]*$/i, "must be letters, digits, - and _"),
  primary_location_hint: z.string().optional(),
  read_replication: replication.optional(),
});
const patch = z.object({ read_replication: replication.optional() });
const statement = z.object({ sql: z.string(), params: z.array(z.unknown()).default([]) });
const query = z.union([z.object({ batch: z.array(statement) }), statement]);

/** D1 databases. The shapes are the SDK's; no traffic of theirs was recorded. */
export const databaseRoutes = createRoutes("D1", "/accounts/:account/d1/database", [
  ["GET", "", listDatabases],
  ["POST", "", createDatabase],
  ["GET", "/:database", (call) => answer(show(findDatabase(call)))],
  ["PUT", "/:database", updateDatabase],
  ["PATCH", "/:database", updateDatabase],
  ["DELETE", "/:database", deleteDatabase],
  ["POST", "/:database/query", queryObjects, { bodyLimit: listLimit }],
  ["POST", "/:database/raw", queryRows, { bodyLimit: listLimit }],
]);

function listDatabases({ cloud, account, query: wanted }: Call) {
  const name = wanted.get("name");
  const all = cloud.records.databases.list(
    (each) => each.account === account.id && (name === null || each.name.includes(name)),
  );
  return answerPage(all.map(show), wanted, 1000);
}

async function createDatabase(call: Call) {
  const { name, read_replication } = await call.json(body, 7400);
  const { cloud, account } = call;
  const { databases } = cloud.records;
  if (databases.list((each) => each.account === account.id && each.name === name).length > 0) {
    throw fail(400, 7502, `database with name '${name}' already exists`);
  }
  const database = databases.put({
    uuid: randomUUID(),
    account: account.id,
    name,
    createdAt: now(),
    readReplication: read_replication ?? { mode: "disabled" },
  });
  return answer(show(database));
}

async function updateDatabase(call: Call) {
  const { read_replication } = await call.json(patch, 7400);
  const found = findDatabase(call);
  const changed = { ...found, readReplication: read_replication ?? found.readReplication };
  return answer(show(call.cloud.records.databases.put(changed)));
}

function deleteDatabase(call: Call) {
  call.cloud.records.databases.delete(findDatabase(call));
  return answer(null);
}

async function queryObjects(call: Call) {
  return answer(await run(call));
}

/** Rows as lists, with the names of their columns. */
async function queryRows(call: Call) {
  const results = await run(call);
  return answer(
    results.map(({ results: rows, ...rest }) => ({
      ...rest,
      results: {
        columns: Object.keys(rows[0] ?? {}),
        rows: rows.map((row) => Object.values(row)),
      },
    })),
  );
}

async function run(call: Call) {
  const sent = await call.json(query, 7400);
  const { uuid } = findDatabase(call);
  try {
    return await call.cloud.storage.query(uuid, "batch" in sent ? sent.batch : [sent]);
  } catch (error) {
    throw fail(400, 7500, error instanceof Error ? error.message : String(error));
  }
}

/** By its id, or its name, as wrangler asks. @throws ApiError 7404 */
function findDatabase({ cloud, account, params }: Call): Database {
  const found = cloud.records.databases
    .list((each) => each.account === account.id)
    .find(({ uuid, name }) => uuid === params.database || name === params.database);
  if (found !== undefined) return found;
  throw fail(404, 7404, `The database ${params.database} could not be found`);
}

function show({ uuid, name, createdAt, readReplication }: Database) {
  return {
    uuid,
    name,
    version: "production",
    created_at: createdAt,
    num_tables: 0,
    file_size: 0,
    read_replication: readReplication,
  };
}
