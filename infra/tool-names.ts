import type { ToolDeclaration } from "../worker/kit/needs.ts";
import { listProblems } from "./user-error.ts";

/**
 * One name is one tool, now or formerly: what a call of it does must not depend on the order.
 * @param removed names of tools that nothing replaces.
 * @throws UserError that names each name that two have.
 */
export function checkToolNames(tools: readonly ToolDeclaration[], removed: readonly string[]) {
  const owners = new Map<string, string>();
  const problems: string[] = [];
  const claim = (name: string, owner: string) => {
    const other = owners.get(name);
    if (other === undefined) owners.set(name, owner);
    else problems.push(`"${name}": ${other}, and ${owner}. Give each name to one.`);
  };
  for (const { name } of tools) claim(name, "a tool has this name");
  for (const { name, replaces = [] } of tools) {
    for (const former of replaces) claim(former, `replaces of ${name} has it`);
  }
  for (const name of removed) claim(name, "removedTools has it");
  if (problems.length > 0) throw listProblems("The names of the tools do not fit:", problems);
}
