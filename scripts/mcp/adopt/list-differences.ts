import { isDeepStrictEqual } from "node:util";
import { componentType, isPlumbing, resourceType } from "../../../infra/resource-types.ts";
import type { DeclaredResource } from "../../dev/declared-resource.ts";
import type { FoundWorker } from "./found-worker.ts";
import type { ImportItem } from "./list-imports.ts";
import type { SortedBindings } from "./sort-bindings.ts";

/** Something that the next `up` changes. */
export interface AdoptionDifference {
  /** Name of the resource in the program. */
  readonly resource: string;
  /** The properties that change, as Pulumi names them; none for a resource that is made new. */
  readonly properties: readonly string[];
  readonly text: string;
}

export interface DifferenceParts {
  readonly live: FoundWorker;
  readonly bindings: SortedBindings;
  readonly declared: readonly DeclaredResource[];
  readonly imports: readonly ImportItem[];
}

/** How Pulumi names what an upload of the program does not name. */
const extraProperties: Readonly<Record<string, string>> = {
  logpush: "logpush",
  placement: "placement",
  limits: "limits",
  tail_consumers: "tailConsumers",
  assets: "assets",
};

/** Every difference between what is there and what the program declares. */
export function listDifferences(parts: DifferenceParts): AdoptionDifference[] {
  const { declared, imports } = parts;
  const taken = new Set(imports.map(({ name }) => name));
  return declared.flatMap((resource) => {
    const { name, type, inputs } = resource;
    if (type === resourceType.cron) return compareCron(resource, parts.live);
    if (!taken.has(name)) return listNew(resource);
    const differ = (property: string, text: string): AdoptionDifference => ({
      resource: name,
      properties: [property],
      text,
    });
    switch (type) {
      case resourceType.namespace: {
        const before = parts.bindings.store?.title;
        if (before === inputs.title) return [];
        return [differ("title", `KV title: "${before}" becomes "${inputs.title}"; its keys stay`)];
      }
      case resourceType.worker:
        return compareScript(resource, parts);
      case resourceType.subdomain:
        return compareAddress(parts.live, inputs).map(([property, text]) => differ(property, text));
      default:
        return [];
    }
  });
}

/** The cron trigger is made by the next `up`, over what is there. */
function compareCron(resource: DeclaredResource, { crons }: FoundWorker): AdoptionDifference[] {
  if (crons.length === 0) return listNew(resource);
  const wanted = (resource.inputs.schedules as { cron: string }[]).map(({ cron }) => cron);
  const text = isDeepStrictEqual(wanted, crons)
    ? `cron: ${crons.join(", ")} stays, written once more as the stack's own (Pulumi cannot import it)`
    : `cron: ${crons.join(", ")} becomes ${wanted.join(", ")}`;
  return [{ resource: resource.name, properties: [], text }];
}

/** Lists a resource that the stack adds. Its notes and keys are in its state alone. */
function listNew({ name, type }: DeclaredResource): AdoptionDifference[] {
  if (isPlumbing(type) || type === componentType || type === resourceType.stash) return [];
  const [, kind = type] = /:(\w+)$/.exec(type) ?? [];
  return [{ resource: name, properties: [], text: `new: ${kind} "${name}"` }];
}

/** The code of an upload: until then the state holds what was read, afterwards a file's hash. */
const codeProperties = ["content", "contentFile", "contentSha256", "mainModule"];

interface Script {
  readonly annotations: { readonly workersMessage: string };
  readonly compatibilityDate: string;
  readonly compatibilityFlags: readonly string[];
  readonly observability: {
    readonly enabled: boolean;
    readonly headSamplingRate: number;
    readonly logs: { readonly invocationLogs: boolean };
  };
  readonly bindings: readonly { readonly name: string; readonly type: string }[];
  readonly migrations?: { readonly newTag: string; readonly steps: readonly object[] };
}

function compareScript(resource: DeclaredResource, parts: DifferenceParts): AdoptionDifference[] {
  const { live, bindings } = parts;
  const script = resource.inputs as unknown as Script;
  const differences: AdoptionDifference[] = [];
  const differ = (properties: string | readonly string[], text: string) =>
    void differences.push({ resource: resource.name, properties: [properties].flat(), text });

  differ(codeProperties, "code: this project's Worker takes the place of the one that is there");
  if (script.compatibilityDate !== live.compatibilityDate) {
    const before = live.compatibilityDate || "none";
    differ(
      "compatibilityDate",
      `compatibility date: ${before} becomes ${script.compatibilityDate}`,
    );
  }
  const flags = (list: readonly string[]) => list.toSorted().join(", ") || "none";
  if (flags(script.compatibilityFlags) !== flags(live.compatibilityFlags)) {
    const [before, after] = [flags(live.compatibilityFlags), flags(script.compatibilityFlags)];
    differ("compatibilityFlags", `compatibility flags: ${before} become ${after}`);
  }
  const { enabled, headSamplingRate } = script.observability;
  if (!isSameObservability(live.observability, script.observability)) {
    const logs = enabled
      ? `on, a share of ${headSamplingRate} of the requests, without whole URLs`
      : "off";
    differ("observability", `logs: ${logs}; were ${describeLogs(live.observability)}`);
  }
  for (const [key, value] of Object.entries(live.extras)) {
    differ(extraProperties[key] ?? key, `${key}: ${JSON.stringify(value)} goes, as the default is`);
  }

  const before = new Set(live.bindings.map(({ name }) => name));
  for (const { name, type } of script.bindings) {
    if (!before.has(name)) differ("bindings", `binding ${name}: new (${type})`);
  }
  for (const { name, type } of bindings.replaced) {
    const after = script.bindings.find((each) => each.name === name)?.type;
    differ("bindings", `binding ${name}: the program's own (${after}) takes the place of ${type}`);
  }
  for (const { binding, why } of bindings.going) {
    differ("bindings", `binding ${binding.name} (${binding.type}): goes, ${why}`);
  }
  for (const { name, type } of bindings.kept) {
    differ("bindings", `binding ${name} (${type}): stays as it is (inheritedBindings)`);
  }
  for (const step of script.migrations?.steps ?? []) {
    differ("migrations", `Durable Objects: ${describeStep(step)}`);
  }
  differ("annotations", `note at the version: "${script.annotations.workersMessage}"`);
  for (const name of live.classes) {
    differ(
      codeProperties,
      `Durable Object class ${name}: a stub takes its place; its objects stay`,
    );
  }
  return differences;
}

function compareAddress(
  { workersDev, previewUrls }: FoundWorker,
  { enabled, previewsEnabled }: Readonly<Record<string, unknown>>,
): [string, string][] {
  const on = (value: unknown) => (value === true ? "on" : "off");
  const parts = [
    ["enabled", "workers.dev", workersDev, enabled],
    ["previewsEnabled", "preview URLs", previewUrls, previewsEnabled],
  ] as const;
  return parts
    .filter(([, , before, after]) => before !== after)
    .map(([property, what, before, after]) => [
      property,
      `${what}: ${on(before)} becomes ${on(after)}`,
    ]);
}

function isSameObservability(live: unknown, wanted: Script["observability"]): boolean {
  const { enabled, head_sampling_rate: rate } = (live ?? {}) as Record<string, unknown>;
  return (
    enabled === wanted.enabled &&
    rate === wanted.headSamplingRate &&
    writesInvocations(live) === wanted.logs.invocationLogs
  );
}

function describeLogs(live: unknown): string {
  const { enabled, head_sampling_rate: rate = 1 } = (live ?? {}) as Record<string, unknown>;
  if (enabled !== true) return "off";
  return `on, a share of ${rate}${writesInvocations(live) ? ", with whole URLs" : ""}`;
}

/** Whether Cloudflare writes a line for each invocation: it does by default. */
function writesInvocations(live: unknown): boolean {
  const { logs } = (live ?? {}) as { readonly logs?: { readonly invocation_logs?: boolean } };
  return logs?.invocation_logs ?? true;
}

function describeStep(step: object): string {
  return Object.entries(step)
    .map(([kind, names]) => {
      const list = (names as (string | { from: string; to: string })[]).map((each) =>
        typeof each === "string" ? each : `${each.from} as ${each.to}`,
      );
      const verb = /^new/.test(kind) ? "new" : kind.replace("Classes", "");
      return `${verb} ${list.join(", ")}`;
    })
    .join("; ");
}
