import { isPlumbing } from "../../infra/resource-types.ts";
import type { DeclaredResource } from "./declared-resource.ts";

/** The declared resources as a tree, one line each: `├─ WorkersScript worker  acme-orders-dev`. */
export function formatResourceTree(resources: readonly DeclaredResource[]): string {
  const known = new Set(resources.map(({ urn }) => urn));
  const roots = resources.filter(({ parent, type }) => !known.has(parent) && !isPlumbing(type));
  return roots.flatMap((root) => [describe(root), ...formatChildren(root, resources)]).join("\n");
}

function formatChildren(
  parent: DeclaredResource,
  resources: readonly DeclaredResource[],
): string[] {
  const children = resources.filter((resource) => resource.parent === parent.urn);
  return children.flatMap((child, index) => {
    const isLast = index === children.length - 1;
    const below = formatChildren(child, resources);
    return [
      `${isLast ? "└─" : "├─"} ${describe(child)}`,
      ...below.map((line) => `${isLast ? "  " : "│ "} ${line}`),
    ];
  });
}

function describe({ type, name, inputs, options }: DeclaredResource): string {
  const kind = type.split(":").at(-1) ?? type;
  const detail = explain(kind, inputs);
  const mark = options.protect ? "  (protected)" : "";
  return `${kind} ${name}${detail === undefined ? "" : `  ${detail}`}${mark}`;
}

/** Describes a resource to a person. Never shows the value of a Stash: keys are kept in one. */
function explain(kind: string, inputs: DeclaredResource["inputs"]): string | undefined {
  switch (kind) {
    case "WorkersKvNamespace":
      return String(inputs.title);
    case "WorkersScript": {
      const names = (inputs.bindings as { name: string }[]).map(({ name }) => name);
      return `${String(inputs.scriptName)} (${names.join(", ")})`;
    }
    case "WorkersScriptSubdomain":
      return inputs.enabled === true ? "on" : "off";
    case "WorkersCustomDomain":
      return String(inputs.hostname);
    case "D1Database":
    case "R2Bucket":
      return String(inputs.name);
    case "WorkersCronTrigger":
      return (inputs.schedules as { cron: string }[]).map(({ cron }) => cron).join(", ");
    default:
      return undefined;
  }
}
