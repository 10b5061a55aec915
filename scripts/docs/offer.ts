import type { ToolAnnotations } from "@modelcontextprotocol/server";
import type { Features, ResourceDefinition } from "../../worker/kit/index.ts";
import { listOpenedTools } from "../../worker/mcp/scopes.ts";
import { toTable } from "./markdown-table.ts";

/** Tables for `docs/server/tools.md`, from the features that the Worker itself reads. */
export function describeOffer(features: Features): string {
  const { tools, resources, prompts } = features;
  const scopes = Object.entries(features.scopes).map(([scope, entry]) => {
    return [
      code(scope),
      entry.words,
      entry.isBase ? "yes" : "no",
      (entry.includes ?? []).map(code).join(", "),
      listOpenedTools(features, scope)
        .map(({ name }) => code(name))
        .join(", "),
    ];
  });
  return [
    "## Scopes",
    tell(["Scope", "A person allows", "Asked for first", "Includes", "Tools it opens"], scopes),
    "## Tools",
    tell(
      ["Tool", "Title", "Scope", "What it does to the world"],
      tools.map(({ name, title, scope, annotations }) => [
        code(name),
        title,
        code(scope),
        describeHints(annotations),
      ]),
    ),
    "## Resources",
    tell(
      ["Resource", "Title", "Scope", "Clients may subscribe"],
      resources.map((resource) => [
        code("uri" in resource ? resource.uri : resource.uriTemplate),
        resource.title,
        code(resource.scope),
        isWatchable(resource) ? "yes" : "no",
      ]),
    ),
    "## Prompts",
    tell(
      ["Prompt", "Title", "Scope", "Takes"],
      prompts.map(({ name, title, scope, args }) => [
        code(name),
        title,
        code(scope),
        Object.keys(args.shape).map(code).join(", "),
      ]),
    ),
  ].join("\n\n");
}

function tell(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return rows.length === 0 ? "None." : toTable(head, rows);
}

function describeHints(hints: ToolAnnotations): string {
  return [
    hints.readOnlyHint ? "only reads" : "writes",
    ...(hints.destructiveHint ? ["may destroy"] : []),
    ...(hints.idempotentHint ? ["may be repeated"] : []),
    ...(hints.openWorldHint ? ["reaches other systems"] : []),
  ].join(", ");
}

function isWatchable(resource: ResourceDefinition): boolean {
  return "changesWith" in resource && resource.changesWith !== undefined;
}

function code(text: string): string {
  return `\`${text}\``;
}
