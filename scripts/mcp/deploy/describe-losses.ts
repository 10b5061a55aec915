import type { MigrationStep, Migrations } from "../../../infra/durable-objects.ts";
import { nameResource, nouns } from "./describe-changes.ts";
import type { PlanFacts } from "./facts.ts";
import { isUploaded, isWorker, type PlannedStep, sendsMigrations } from "./planned-steps.ts";

/** What goes with a resource, by the end of its type. */
const held: Readonly<Record<string, string>> = {
  WorkersScript: "all Durable Object data of it: what tools keep for people, and open sessions",
  WorkersKvNamespace: "every client's registration and every person's connections",
  D1Database: "every row in it",
  R2Bucket: "every object in it",
  WorkersCustomDomain: "the server is no longer served there",
  WorkersRoute: "the server is no longer served there",
  WorkersScriptSubdomain: "the server is no longer served there",
};

/** Whether nobody can say which Durable Object classes go. */
function hidesClasses({ declared, steps }: PlanFacts): boolean {
  return declared === undefined && isUploaded(steps);
}

/** The Durable Object steps that the upload will carry; undefined where it carries none. */
export function findMigrations({ declared, steps }: PlanFacts): Migrations | undefined {
  return isUploaded(steps) && sendsMigrations(steps) ? declared?.migrations : undefined;
}

/** What is gone after the deployment, a sentence each. What cannot be seen is told, too. */
export function describeLosses(facts: PlanFacts): string[] {
  const { steps } = facts;
  const classes =
    findMigrations(facts)?.steps.flatMap(({ deletedClasses = [] }) => deletedClasses) ?? [];
  return [
    ...(hidesClasses(facts)
      ? ["perhaps Durable Object classes with their data: which ones go cannot be seen"]
      : []),
    ...classes.map(
      (name) => `Durable Object class ${name}, with all data of all its objects, for good`,
    ),
    ...steps.filter(isLost).map((step) => {
      const what = held[step.type.split(":").at(-1) ?? ""];
      return `${nameResource(step)}${what === undefined ? "" : `: ${what}`}`;
    }),
  ];
}

function isLost({ op, type }: PlannedStep): boolean {
  if (op !== "delete" && op !== "replace") return false;
  // What a program of one's own makes besides has no name here, and is lost all the same.
  return nouns[type] !== undefined || !/^(pulumi|remote-mcp-server):/.test(type);
}

/** What becomes of the Durable Object classes, in words. */
export function describeObjects(facts: PlanFacts): string[] {
  const migrations = findMigrations(facts);
  if (migrations === undefined) return [];
  return migrations.steps
    .flatMap(describeStep)
    .concat(`the Worker is at the tag ${migrations.newTag} then`);
}

function describeStep(step: MigrationStep): string[] {
  const { newSqliteClasses = [], renamedClasses = [], deletedClasses = [] } = step;
  return [
    ...(newSqliteClasses.length > 0 ? [`made, empty: ${newSqliteClasses.join(", ")}`] : []),
    ...renamedClasses.map(
      ({ from, to }) => `${from} is called ${to} from then on and keeps its data`,
    ),
    ...deletedClasses.map((name) => `${name} is deleted with all its data`),
  ];
}

/** What the deployment costs: docs/deploy.md, "What it costs". */
export function describeCosts({ steps }: PlanFacts): string[] {
  const made = (type: string) =>
    steps.filter((step) => step.op === "create" && step.type.endsWith(`:${type}`)).length;
  const uploads = steps.some(
    ({ op, type }) => isWorker(type) && ["create", "update", "replace"].includes(op),
  );
  const list: [string, string][] = [
    ["WorkersScript", "1 of the free plan's 100 Workers"],
    ["WorkersKvNamespace", "1 of the free plan's 1,000 KV namespaces"],
    ["WorkersCronTrigger", "1 of the free plan's 5 cron triggers"],
    ["D1Database", "a D1 database, which has a free allowance of its own"],
    ["R2Bucket", "an R2 bucket, which has a free allowance of its own"],
    ["WorkersCustomDomain", "nothing for the custom domain: it comes with the zone"],
  ];
  return [
    ...(uploads ? ["one upload, and no KV write"] : []),
    ...list.flatMap(([type, words]) => (made(type) > 0 ? [words] : [])),
  ];
}
