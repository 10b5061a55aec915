import { isDeepStrictEqual } from "node:util";
import { resourceType } from "../stack/declared.ts";
import type { PlanFacts } from "./facts.ts";
import {
  findWorkerStep,
  isWorker,
  type PlannedBinding,
  type PlannedStep,
  readBindings,
} from "./planned-steps.ts";
import type { SettingChange } from "./settings.ts";

/** What people call a resource, by its type; what is not here is the program's own book-keeping. */
export const nouns: Readonly<Record<string, string>> = {
  [resourceType.worker]: "Worker",
  [resourceType.namespace]: "KV namespace",
  [resourceType.subdomain]: "workers.dev address",
  [resourceType.domain]: "custom domain",
  [resourceType.route]: "route",
  [resourceType.cron]: "cron trigger",
  [resourceType.database]: "D1 database",
  [resourceType.bucket]: "R2 bucket",
  [resourceType.application]: "Access application",
  [resourceType.policy]: "Access policy",
};

const verbs: Readonly<Record<string, string>> = {
  create: "is made",
  update: "changes",
  delete: "is deleted",
  replace: "is replaced by a new one",
  import: "is taken over",
};

/** What the deployment does, a sentence each. */
export function describeChanges(facts: PlanFacts): string[] {
  const worker = findWorkerStep(facts.steps);
  return [
    ...(worker === undefined ? [] : describeWorker(worker, facts)),
    ...facts.settings.map(describeSetting),
    ...facts.steps.flatMap(describeResource),
  ];
}

/** What tells a resource from others of its kind: never a secret. */
export function nameResource({ type, name, before, after }: PlannedStep): string {
  const inputs = { ...before, ...after };
  const told = [inputs.hostname, inputs.pattern, inputs.title, inputs.scriptName, inputs.name];
  const own = told.find((value) => typeof value === "string");
  return `${nouns[type] ?? type} ${own ?? name}`;
}

function describeSetting({ name, isSecret, kind, before, after }: SettingChange): string {
  if (isSecret) return `secret ${name}: ${kind}`;
  return `setting ${name}: ${quote(before)} → ${quote(after)}`;
}

function quote(value: string | undefined): string {
  if (value === undefined) return "not set";
  return /^[[{\d]|^(true|false)$/.test(value) ? value : `"${value}"`;
}

function describeResource(step: PlannedStep): string[] {
  const { op, type, name } = step;
  if (isWorker(type)) return [];
  const key = /^(session|consent)-key-\d+$/.exec(name);
  if (type === resourceType.stash) {
    return key && op === "create" ? [`a new ${key[1]} key is made (${name})`] : [];
  }
  const verb = verbs[op];
  if (verb === undefined || nouns[type] === undefined) return [];
  const schedule = describeSchedule(step);
  return [`${nameResource(step)} ${verb}${schedule}`];
}

function describeSchedule({ type, before, after }: PlannedStep): string {
  if (type !== resourceType.cron) return "";
  const [was, is] = [before.schedules, after.schedules].map((list) =>
    Array.isArray(list) ? list.map(({ cron }) => cron).join(", ") : undefined,
  );
  if (was === is || is === undefined) return is === undefined ? "" : ` (${is})`;
  return was === undefined ? ` (${is})` : ` (${was} → ${is})`;
}

function describeWorker(step: PlannedStep, facts: PlanFacts): string[] {
  const { op, before, after } = step;
  if (op === "same") return [];
  if (op === "create") return [`Worker ${facts.scriptName} is made`];
  if (op === "delete") return [`Worker ${facts.scriptName} is deleted`];
  if (op !== "update") return [`Worker ${facts.scriptName} is replaced by a new one`];
  const told = [
    ...describeCode(before, after, facts),
    ...describeBindings(readBindings(before), readBindings(after), facts),
    ...describeFlags(before, after),
  ];
  if (told.length > 0 || facts.settings.length > 0) return told;
  return hasNewKeys(facts)
    ? []
    : [
        `Worker ${facts.scriptName} is uploaded once more: what serves is not what this stack uploaded last`,
      ];
}

function hasNewKeys({ steps }: PlanFacts): boolean {
  return steps.some(({ name, op }) => op === "create" && /-key-\d+$/.test(name));
}

function describeCode(
  before: PlannedStep["before"],
  after: PlannedStep["after"],
  { serving }: PlanFacts,
): string[] {
  if (before.contentSha256 === after.contentSha256) return [];
  const { annotations } = after as { annotations?: { workersTag?: unknown } };
  const was = label(before.contentSha256, serving?.source);
  return [`the Worker's code: ${was} → ${label(after.contentSha256, annotations?.workersTag)}`];
}

function label(sha256: unknown, source: unknown): string {
  const digest = `SHA-256 ${String(sha256).slice(0, 12)}…`;
  return typeof source === "string" ? `version ${source} (${digest})` : digest;
}

function describeBindings(
  before: readonly PlannedBinding[],
  after: readonly PlannedBinding[],
  { settings }: PlanFacts,
): string[] {
  const find = (list: readonly PlannedBinding[], wanted: string) =>
    list.find(({ name }) => name === wanted);
  const names = [...new Set([...before, ...after].map(({ name }) => name))].sort();
  return names.flatMap((name) => {
    const [was, is] = [find(before, name), find(after, name)];
    if (was === undefined) return [`binding ${name} (${is?.type}): is made`];
    if (is === undefined) return [`binding ${name} (${was.type}): is taken away`];
    if (isDeepStrictEqual(was, is)) return [];
    if (name !== "SETTINGS") return [`binding ${name} (${is.type}): changes`];
    // Those of the stack are told one by one.
    const paths = settings.length > 0 ? [] : listChangedPaths(parse(was.json), parse(is.json));
    return paths.map((path) => `what this checkout makes of the settings: ${path} changes`);
  });
}

function parse(json: unknown): unknown {
  try {
    return typeof json === "string" ? JSON.parse(json) : json;
  } catch {
    return json;
  }
}

function listChangedPaths(before: unknown, after: unknown, path = ""): string[] {
  if (isDeepStrictEqual(before, after)) return [];
  if (!isRecord(before) || !isRecord(after)) return [path];
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap((key) =>
    listChangedPaths(before[key], after[key], path === "" ? key : `${path}.${key}`),
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function describeFlags(before: PlannedStep["before"], after: PlannedStep["after"]): string[] {
  const show = ({ compatibilityFlags }: PlannedStep["before"]) =>
    Array.isArray(compatibilityFlags) ? compatibilityFlags.join(", ") : "none";
  return show(before) === show(after)
    ? []
    : [`compatibility flags: ${show(before)} → ${show(after)}`];
}
