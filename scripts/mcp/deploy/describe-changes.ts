import * as z from "zod";
import type { DeclaredProgram } from "../../../infra/declared-program.ts";
import { resourceType } from "../../../infra/resource-types.ts";
import { compareBindings } from "../drift/compare-bindings.ts";
import type { Properties } from "../stack/properties.ts";
import { listChangedSettings } from "../stack/settings-file.ts";
import type { SettingChange } from "../stack/stack-values.ts";
import {
  findWorkerStep,
  isWorker,
  type PlanFacts,
  type PlannedStep,
  type ServingFacts,
} from "./planned-steps.ts";

/** Names of resources for people, by type. A type that is not here is the program's own book-keeping. */
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

export function describeChanges(facts: PlanFacts): string[] {
  const worker = findWorkerStep(facts.steps);
  return [
    ...(worker === undefined ? [] : describeWorker(worker, facts)),
    ...facts.settings.map(describeSetting),
    ...facts.steps.flatMap(describeResource),
  ];
}

/** A name that distinguishes a resource from others of its kind: never a secret. */
export function nameResource({ type, name, before, after }: PlannedStep): string {
  const own = ["hostname", "pattern", "title", "scriptName", "name"]
    .flatMap((each) => [after.find(each, z.string()), before.find(each, z.string())])
    .find((value) => value !== undefined);
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

const schedules = z.array(z.object({ cron: z.string() }));

function describeSchedule({ type, before, after }: PlannedStep): string {
  if (type !== resourceType.cron) return "";
  const [was, is] = [before, after].map((inputs) =>
    inputs
      .find("schedules", schedules)
      ?.map(({ cron }) => cron)
      .join(", "),
  );
  if (was === is || is === undefined) return is === undefined ? "" : ` (${is})`;
  return was === undefined ? ` (${is})` : ` (${was} → ${is})`;
}

function describeWorker({ op, before }: PlannedStep, facts: PlanFacts): string[] {
  const { scriptName, declared, serving } = facts;
  if (op === "same") return [];
  if (op === "create") return [`Worker ${scriptName} is made`];
  if (op === "delete") return [`Worker ${scriptName} is deleted`];
  if (op !== "update") return [`Worker ${scriptName} is replaced by a new one`];
  if (declared === undefined || serving === undefined) {
    return [`Worker ${scriptName} is uploaded; how it differs cannot be seen`];
  }
  const told = [
    ...describeCode(declared, serving),
    ...describeBindings(serving.bindings, declared.bindings, facts),
    ...describeFlags(before, declared),
  ];
  if (told.length > 0 || facts.settings.length > 0) return told;
  return hasNewKeys(facts)
    ? []
    : [
        `Worker ${scriptName} is uploaded once more: what serves is not what this stack uploaded last`,
      ];
}

function hasNewKeys({ steps }: PlanFacts): boolean {
  return steps.some(({ name, op }) => op === "create" && /-key-\d+$/.test(name));
}

function describeCode(declared: DeclaredProgram, serving: ServingFacts): string[] {
  if (declared.sha256 === serving.sha256) return [];
  const was = label(serving.sha256, serving.source);
  return [`the Worker's code: ${was} → ${label(declared.sha256, declared.source)}`];
}

function label(sha256: string, source: string | undefined): string {
  const digest = `SHA-256 ${sha256.slice(0, 12)}…`;
  return source !== undefined ? `version ${source} (${digest})` : digest;
}

type Bindings = ServingFacts["bindings"];

/** Compares the bindings that serve, from the account, with those that the program declares. */
function describeBindings(before: Bindings, after: Bindings, { settings }: PlanFacts): string[] {
  const find = (list: Bindings, wanted: string) => list.find(({ name }) => name === wanted);
  const names = [...new Set([...before, ...after].map(({ name }) => name))].sort();
  return names.flatMap((name) => {
    const [was, is] = [find(before, name), find(after, name)];
    if (was === undefined) return [`binding ${name} (${is?.type}): is made`];
    if (is === undefined) return [`binding ${name} (${was.type}): is taken away`];
    // Kept as it is.
    if (is.type === "inherit") return [];
    if (name !== "SETTINGS" || was.type !== is.type) {
      // What is told of a value is for `drift` to decide, too: a secret in the wrong place is not shown.
      return compareBindings([is], [was]).map(({ what, expected, found }) =>
        was.type === is.type
          ? `${what}: ${found} → ${expected}`
          : `${what} (${is.type}): was ${found}`,
      );
    }
    // Those of the stack are told one by one.
    const paths = settings.length > 0 ? [] : listChangedSettings(was.json, is.json);
    return paths.map((path) => `what this checkout makes of the settings: ${path} changes`);
  });
}

function describeFlags(
  before: Properties,
  { compatibilityDate, compatibilityFlags }: DeclaredProgram,
): string[] {
  const show = (flags: readonly string[]) => flags.toSorted().join(", ") || "none";
  const was = before.find("compatibilityFlags", z.array(z.string()).default([]));
  const compare = (what: string, is: string, old: string | undefined) => {
    if (old === undefined) return [`${what}: ${is}; what it was cannot be seen`];
    return old === is ? [] : [`${what}: ${old} → ${is}`];
  };
  return [
    ...compare("compatibility flags", show(compatibilityFlags), was && show(was)),
    ...compare(
      "compatibility date",
      compatibilityDate,
      before.find("compatibilityDate", z.string()),
    ),
  ];
}
