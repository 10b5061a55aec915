import type {
  Client,
  Prompt,
  RequestOptions,
  Resource,
  ResourceTemplateType,
  Tool,
} from "@modelcontextprotocol/client";
import { UserError } from "../../errors.ts";
import { toPlainLine } from "../../plain-text.ts";
import { formatTable, toTerminalText } from "../../terminal/format.ts";

export interface Offer {
  readonly tools: readonly Tool[];
  readonly resources: readonly Resource[];
  readonly resourceTemplates: readonly ResourceTemplateType[];
  readonly prompts: readonly Prompt[];
}

export async function readOffer(client: Client, request: RequestOptions): Promise<Offer> {
  const { onprogress: _none, ...options } = request;
  const { tools, resources, prompts } = client.getServerCapabilities() ?? {};
  return {
    tools: tools ? (await client.listTools({}, options)).tools : [],
    resources: resources ? (await client.listResources({}, options)).resources : [],
    resourceTemplates: resources
      ? (await client.listResourceTemplates({}, options)).resourceTemplates
      : [],
    prompts: prompts ? (await client.listPrompts({}, options)).prompts : [],
  };
}

/** One of them by its name or URI. @throws UserError if there is none. */
export function findEntry(
  { tools, resources, resourceTemplates, prompts }: Offer,
  name: string,
): object {
  const found = [
    ...tools.filter((tool) => tool.name === name),
    ...prompts.filter((prompt) => prompt.name === name),
    ...resources.filter((resource) => resource.uri === name || resource.name === name),
    ...resourceTemplates.filter(
      (template) => template.uriTemplate === name || template.name === name,
    ),
  ][0];
  if (found === undefined) {
    throw new UserError(
      `The server offers nothing called "${name}". \`list\` alone shows what it does.`,
    );
  }
  return found;
}

/** All of it for a person: each with its arguments, of which the optional ones have a question mark. */
export function formatOffer({ tools, resources, resourceTemplates, prompts }: Offer): string {
  const parts = [
    formatPart(
      "Tool",
      tools.map((tool) => [
        `${tool.name} ${listArguments(tool)}`,
        tool.title ?? tool.annotations?.title,
      ]),
    ),
    formatPart("Resource", [
      ...resources.map(({ uri, title }) => [uri, title] as const),
      ...resourceTemplates.map(({ uriTemplate, title }) => [uriTemplate, title] as const),
    ]),
    formatPart(
      "Prompt",
      prompts.map(({ name, title, arguments: args = [] }) => [
        `${name} ${args.map((arg) => (arg.required ? arg.name : `${arg.name}?`)).join(", ")}`,
        title,
      ]),
    ),
  ].filter((part) => part !== undefined);
  return parts.length === 0 ? "The server offers nothing." : parts.join("\n\n");
}

function formatPart(
  title: string,
  rows: readonly (readonly [text: string, title: string | undefined])[],
): string | undefined {
  if (rows.length === 0) return undefined;
  return formatTable(
    [title, "Title"],
    rows.map(([text, words = ""]) => [toPlainLine(text).trim(), toTerminalText(words)]),
  );
}

function listArguments({ inputSchema }: Tool): string {
  const { properties = {}, required = [] } = inputSchema;
  return Object.keys(properties)
    .map((name) => (required.includes(name) ? name : `${name}?`))
    .join(", ");
}
