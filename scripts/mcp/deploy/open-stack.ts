import { existsSync } from "node:fs";
import { UserError } from "../../errors.ts";
import { NoSuchStack } from "../stack/no-such-stack.ts";
import { toSettingsFile, toSettingsPath } from "../stack/settings-file.ts";
import { ProjectStack } from "../stack/stack.ts";

/**
 * Opens a stack. One that has a settings file and is not in the backend yet is made: somebody has
 * described it. One without either is a slip of the pen, or of another backend.
 * @param isPlan whether only a plan is wanted: then no stack is made.
 * @throws UserError where there is no stack, or the backend cannot be read.
 */
export async function openStack(name: string, isPlan: boolean): Promise<ProjectStack> {
  const file = toSettingsFile(name);
  const isDescribed = existsSync(toSettingsPath(name));
  if (isDescribed && !isPlan) return ProjectStack.openOrCreate(name);
  try {
    return await ProjectStack.open(name);
  } catch (error) {
    if (!(error instanceof NoSuchStack)) throw error;
    throw new UserError(
      isDescribed
        ? `--plan: the stack "${name}" is described in ${file} and is not in this Pulumi backend yet, so there is nothing to compare with, and a plan makes no stack. \`npm run mcp -- deploy --stack ${name}\` makes it, shows the plan and asks before it deploys; \`npx pulumi stack init ${name}\` makes only the stack.`
        : `--stack: there is no stack "${name}" in this Pulumi backend, and no file ${file} here. Make it with \`npx pulumi stack init ${name}\` and give it its settings (docs/deploy.md); \`npx pulumi whoami -v\` says which backend this is.`,
    );
  }
}
