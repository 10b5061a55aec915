import type { MigrationStep, Migrations } from "../../../infra/durable-objects.ts";
import { resourceType } from "../../../infra/resource-types.ts";
import { keepTold } from "../../terminal/format.ts";
import { readSetting, type StackValues } from "../stack/stack-values.ts";
import { nameResource, nouns } from "./describe-changes.ts";
import {
  isUploaded,
  isWorker,
  type PlanFacts,
  type PlannedStep,
  sendsMigrations,
} from "./planned-steps.ts";

/** What is deleted with a resource, by the end of its type. */
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

/** The Durable Object steps that the upload will carry; undefined if it carries none. */
export function findMigrations({ declared, steps }: PlanFacts): Migrations | undefined {
  return isUploaded(steps) && sendsMigrations(steps) ? declared?.migrations : undefined;
}

/** What the deployment deletes for good, a sentence each. It also says what cannot be seen. */
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

/** What the deployment costs: docs/costs.md. */
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

/** Settings by which a person is the one they were: `worker/identity/subject.ts`. */
const issuers = ["identityMethod", "oidcIssuer", "accessTeamDomain"] as const;

/** Settings that say who may come. */
const lists = ["allowedEmails", "allowedDomains", "allowedOrganizations"] as const;

/**
 * Who has to sign in again, or is refused from then on, a sentence each. What cannot be seen is told, too:
 * it may sign people out.
 */
export function describeSignOuts(facts: PlanFacts): string[] {
  const { steps, before, now, isFirst } = facts;
  if (isFirst) return [];
  const move = findMove(facts);
  const isKvLost = steps.some(({ type, op }) => type === resourceType.namespace && isGoing(op));
  const isKeyLost = steps.some(
    ({ type, name, op }) => type === resourceType.stash && name === "subject-key" && isGoing(op),
  );
  return [
    ...keepTold([
      move === "unseen" &&
        "perhaps everybody: nothing that serves now says at which address, so whether the address changes cannot be seen, and every token is bound to it",
      typeof move === "object" &&
        `everybody: the address changes from ${move.from} to ${move.to}, and every token is bound to it`,
      isKvLost && "everybody: the store of their connections goes",
      isKeyLost &&
        "everybody who signs in again comes back as a stranger: the key of people's ids goes",
      before === undefined &&
        "perhaps some: the Pulumi backend knows no settings of an earlier deployment, so a change of the sign-in, of the allow-lists or of the keys cannot be seen",
    ]),
    ...(before === undefined ? [] : describeSettings(before, now)),
  ];
}

function isGoing(op: string): boolean {
  return op === "delete" || op === "replace";
}

/** A move of the server to another address; "unseen" if nobody can say whether there is one. */
type Move = { readonly from: string; readonly to: string } | "unseen" | undefined;

/** Finds out whether a deployment moves the server. */
export function findMove({ declared, serving, steps, isFirst }: PlanFacts): Move {
  if (isFirst || !isUploaded(steps)) return undefined;
  if (serving?.origin === undefined || declared === undefined) return "unseen";
  const [from, to] = [serving.origin, declared.origin];
  return from === to ? undefined : { from, to };
}

/** The address in the settings that a Worker is given: JSON, or what it says. */
export function readOrigin(settings: unknown): string | undefined {
  try {
    const value = typeof settings === "string" ? JSON.parse(settings) : settings;
    return typeof value?.origin === "string" ? value.origin : undefined;
  } catch {
    return undefined;
  }
}

function describeSettings(before: StackValues, now: StackValues): string[] {
  const differs = (name: string) => before[name]?.value !== now[name]?.value;
  const generations = [before, now].map((values) => readSetting(values, "keyGeneration") ?? 1);
  const [was = 1, is = 1] = generations;
  const dropped = listClients(before).filter((id) => !listClients(now).includes(id));
  return [
    ...keepTold([
      issuers.some(differs) &&
        "nobody at once, but whoever signs in again comes back as a stranger: people are known by the service they sign in with, so what tools keep for them stays with their old id",
      is > was &&
        was > 1 &&
        `browsers that signed in before generation ${was} of the keys: they sign in and allow again. Clients stay connected`,
    ]),
    ...lists
      .filter(differs)
      .map(
        (name) =>
          `whoever ${name} does not let in any more, at their next refresh (within an access token's life)`,
      ),
    ...dropped.map((id) => `the client ${id}, which is not among preRegisteredClients any more`),
    ...describeMachines(before, now),
  ];
}

function listClients(values: StackValues): string[] {
  return (readSetting(values, "preRegisteredClients") ?? []).map(({ clientId }) => clientId);
}

/** Machine clients that go, and secrets of those that stay. */
function describeMachines(before: StackValues, now: StackValues): string[] {
  const kept = new Map(listMachines(now).map((machine) => [machine.name, machine]));
  return listMachines(before).flatMap(({ name, secrets = [] }) => {
    const machine = kept.get(name);
    if (machine === undefined) {
      return [`the machine client ${name}, which is not among machineClients any more`];
    }
    return secrets
      .filter((number) => !machine.secrets?.includes(number))
      .map((number) => `whoever uses secret ${number} of the machine client ${name}`);
  });
}

function listMachines(values: StackValues) {
  return readSetting(values, "machineClients") ?? [];
}
