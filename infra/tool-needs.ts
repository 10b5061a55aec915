import type * as z from "zod";
import type { ScopeCatalogue } from "../worker/kit/define-scopes.ts";
import type { BindingNeed, ToolDeclaration } from "../worker/kit/needs.ts";
import { toBindingName, toServiceSetting } from "../worker/kit/needs.ts";
import { findScopeProblem } from "../worker/mcp/scopes.ts";
import { listProblems } from "./user-error.ts";

/** Something a tool needs, and the first tool that says so. */
export interface Need<Value> {
  readonly tool: string;
  readonly value: Value;
}

export interface Needs {
  /** Setting name to what the secret is. */
  readonly secrets: ReadonlyMap<string, Need<string>>;
  /** Setting name to its schema. */
  readonly settings: ReadonlyMap<string, Need<z.ZodType>>;
  /** Binding name to its kind. */
  readonly bindings: ReadonlyMap<string, Need<BindingNeed>>;
  /** Why the first tool that says so needs a token of the service that people sign in with. */
  readonly upstreamToken?: Need<string>;
  /** The server's scopes. Left out: a setting that names some is not compared with them. */
  readonly scopes?: ScopeCatalogue;
}

/** Names that are taken by the server itself. */
export interface ReservedNames {
  readonly settings: readonly string[];
  readonly bindings: readonly string[];
}

const settingForm = /^[a-z][a-zA-Z0-9]*$/;
const bindingForm = /^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$/;

/** A name that says that its value is a secret. */
const secretLike = /(key|secret|token|password|credential)s?$/i;
const toSecret =
  "a setting is readable in the deployed Worker, and this looks like a secret. Name it under secrets";

/**
 * Puts the needs of all tools together. Two tools may share a secret, a binding of one kind, or one
 * schema object; nothing else may have a name twice.
 * @param catalogue the scopes that there are. Default: no scope is checked.
 * @throws UserError that names each tool and need that does not fit, and each scope that is not in the catalogue.
 */
export function collectNeeds(
  tools: readonly ToolDeclaration[],
  reserved: ReservedNames,
  catalogue?: ScopeCatalogue,
): Needs {
  const settingNames = new Names(reserved.settings, settingForm, "apiKey");
  const bindingNames = new Names(reserved.bindings, bindingForm, "API_KEY");
  const secrets = new Map<string, Need<string>>();
  const settings = new Map<string, Need<z.ZodType>>();
  const bindings = new Map<string, Need<BindingNeed>>();
  const problems: string[] = [];
  let upstreamToken: Need<string> | undefined;

  for (const { name: tool, scope, needs = {} } of tools) {
    const scoped = { name: tool, ...(scope !== undefined && { scope }) };
    const scopeProblem = catalogue && findScopeProblem(catalogue, scoped);
    if (scopeProblem !== undefined) problems.push(scopeProblem);
    const check = (need: string, ...found: readonly (string | undefined)[]) => {
      const wrong = found.find((problem) => problem !== undefined);
      if (wrong !== undefined) problems.push(`Tool "${tool}", need "${need}": ${wrong}.`);
    };
    for (const [name, value] of Object.entries(needs.secrets ?? {})) {
      const binding = toBindingName(name);
      check(name, settingNames.claim(name, "secret"), bindingNames.claim(binding, "secret"));
      secrets.set(name, { tool, value });
    }
    for (const [name, value] of Object.entries(needs.settings ?? {})) {
      const isSecret = secretLike.test(name);
      check(name, settingNames.claim(name, value), isSecret ? toSecret : undefined);
      settings.set(name, { tool, value });
    }
    for (const [name, value] of Object.entries(needs.bindings ?? {})) {
      check(name, bindingNames.claim(name, value.kind));
      if (value.kind === "service") check(name, settingNames.claim(toServiceSetting(name), name));
      bindings.set(name, { tool, value });
    }
    const { upstreamToken: token } = needs;
    if (token !== undefined) upstreamToken ??= { tool, value: token.reason };
  }
  if (problems.length > 0) throw listProblems("What the tools declare does not fit:", problems);
  return {
    secrets,
    settings,
    bindings,
    ...(upstreamToken && { upstreamToken }),
    ...(catalogue && { scopes: catalogue }),
  };
}

class Names {
  readonly #owners: Map<string, unknown>;
  readonly #form: RegExp;
  readonly #example: string;

  constructor(reserved: readonly string[], form: RegExp, example: string) {
    this.#owners = new Map(reserved.map((name) => [name, "the server"]));
    this.#form = form;
    this.#example = example;
  }

  /** Takes a name; whoever comes with the same `owner` shares it. Returns what is wrong. */
  claim(name: string, owner: unknown): string | undefined {
    if (!this.#form.test(name)) return `a name must look like ${this.#example}`;
    if (!this.#owners.has(name)) this.#owners.set(name, owner);
    if (this.#owners.get(name) === owner) return undefined;
    return `the name "${name}" is taken already. Give it another one`;
  }
}

/** Setting name to binding name, of the services that tools need. */
export function listServiceSettings({ bindings }: Needs): Map<string, string> {
  const services = [...bindings].filter(([, { value }]) => value.kind === "service");
  return new Map(services.map(([name]) => [toServiceSetting(name), name]));
}

/** Binding names of the D1 databases that tools need. */
export function listDatabases({ bindings }: Needs): string[] {
  return [...bindings].flatMap(([name, { value }]) => (value.kind === "d1" ? [name] : []));
}
