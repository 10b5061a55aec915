import type { ConfigMap } from "@pulumi/pulumi/automation/index.js";
import * as z from "zod";
import { resourceType } from "../../../infra/resource-types.ts";
import { keepTold } from "../../terminal/format.ts";
import { type DeclaredStack, toResourceName } from "../stack/declared.ts";
import { Properties } from "../stack/properties.ts";
import { pickSettings, readSetting } from "../stack/stack-values.ts";
import type { StateResource } from "../stack/state.ts";
import type { Holdings } from "./holdings.ts";

export interface DestroyPlan {
  readonly stack: string;
  /** Whether the data is protected, as in production. */
  readonly isProtected: boolean;
  /** Whether protected data goes as well. */
  readonly deletesData: boolean;
  readonly declared: DeclaredStack;
  readonly resources: readonly StateResource[];
  readonly holdings: Holdings;
}

/** The plan in lines: what is deleted for good, with counts, and what stays. */
export function describeDestruction(plan: DestroyPlan): string[] {
  const { stack, declared, holdings } = plan;
  const keeps = plan.isProtected && !plan.deletesData;
  const worker = declared.worker?.scriptName;
  const people = keepTold([
    worker !== undefined && `the Worker ${worker}, its addresses and its schedule`,
    holdings.objects.length > 0 &&
      `people's state in Durable Objects: ${holdings.objects.join(", ")}`,
  ]);
  const data = [
    ...declared.namespaces.map(
      ({ id, title }) =>
        `the KV namespace ${title === undefined ? id : `${title} (${id})`}: ${holdings.grants}, ${holdings.clients}; everybody signs in again`,
    ),
    ...holdings.data,
    ...keepTold([
      plan.resources.some((each) => toResourceName(each) === "subject-key") &&
        "the key of people's ids: without it, everybody who signs in again is a stranger, without what tools keep for them",
    ]),
  ];
  return [
    `destroy: ${stack}`,
    "",
    "Goes for good:",
    ...[...people, ...(keeps ? [] : data)].map((line) => `  - ${line}`),
    ...(keeps
      ? ["Stays, because it is protected:", ...data.map((line) => `  - ${toStaying(line)}`)]
      : []),
    ...(plan.isProtected && plan.deletesData
      ? ["The data was protected; --delete-data says otherwise."]
      : []),
  ];
}

/** Those who are signed in stay so. */
function toStaying(line: string): string {
  return line.replace(/; everybody signs in again$/, "").replace(/: without it, .*$/, "");
}

/** What is left in the stack after a destroy, and how to take it over again or delete it. */
export function describeRest(stack: string, rest: readonly StateResource[]): string[] {
  const kept = rest.filter(isKept);
  if (kept.length === 0) return [];
  const namespace = kept.find(({ type }) => type === resourceType.namespace);
  const ids = kept.map((each) => {
    const inputs = new Properties(each.inputs);
    const called = inputs.find("title", z.string()) ?? inputs.find("name", z.string());
    return `  - ${toResourceName(each)}${called === undefined ? " (in the stack's state only)" : `: ${called} (${each.id})`}`;
  });
  return [
    "Stays:",
    ...ids,
    `The next \`npx pulumi up -s ${stack}\` takes all of it again: keep the stack and its state.`,
    ...keepTold([
      namespace &&
        `Another stack takes the namespace over with \`npx pulumi config set kvNamespaceId ${namespace.id}\`; people are strangers there, because the key stays here.`,
    ]),
    `To delete it for good: \`npm run mcp -- destroy --stack ${stack} --delete-data\`.`,
  ];
}

/** Resources that cannot be made again: what people have stored, and the key that their ids are derived from. */
const keptTypes: ReadonlySet<string> = new Set([
  resourceType.namespace,
  resourceType.database,
  resourceType.bucket,
]);

/** Whether the program protects this resource in production. */
function isKept({ type, urn }: Pick<StateResource, "type" | "urn">): boolean {
  if (keptTypes.has(type)) return true;
  return type === resourceType.stash && urn.endsWith("::subject-key");
}

/**
 * Whether a stack's data is protected: the state says so, or the settings do. Both, because the state
 * of an interrupted `--delete-data` says it no more.
 */
export function isProtected(
  project: string,
  values: ConfigMap,
  resources: readonly StateResource[],
): boolean {
  if (resources.some(({ protect }) => protect === true)) return true;
  const settings = pickSettings(project, values);
  const environment = readSetting(settings, "environment");
  return readSetting(settings, "kvProtection") ?? environment === "production";
}

/** The resource as it is to be in the state: kept by `destroy`, or not. */
export function setProtection<Resource extends StateResource>(
  resource: Resource,
  isKeptNow: boolean,
): Resource {
  const { protect, retainOnDelete, ...rest } = resource;
  // What a person has protected besides, `--delete-data` means as well.
  if (!isKeptNow) return rest as Resource;
  if (!isKept(resource)) return resource;
  return { ...resource, protect: true, retainOnDelete: true };
}
