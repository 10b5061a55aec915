import { existsSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "../../../infra/bundle.ts";
import { UserError } from "../../errors.ts";
import { ProjectStack } from "../stack/stack.ts";
import { listStacks } from "../stack/workspace.ts";

/**
 * Opens a stack. One that has a settings file and is not in the backend yet is made: somebody has
 * described it. One without either is a slip of the pen, or of another backend.
 * @throws UserError where there is neither, or the backend cannot be read.
 */
export async function openStack(name: string): Promise<ProjectStack> {
  if (existsSync(join(projectRoot, `Pulumi.${name}.yaml`))) return ProjectStack.openOrCreate(name);
  const known = await listStacks();
  if (known.includes(name)) return ProjectStack.open(name);
  throw new UserError(
    `--stack: there is no stack "${name}" in this Pulumi backend, and no file Pulumi.${name}.yaml here. Make it with \`npx pulumi stack init ${name}\` and give it its settings (docs/deploy.md); \`npx pulumi whoami -v\` says which backend this is.`,
  );
}
