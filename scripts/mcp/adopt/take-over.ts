import type { Progress } from "../progress.ts";
import { showEngine } from "../stack/engine-progress.ts";
import { readSettingsFile } from "../stack/settings-file.ts";
import { ProjectStack } from "../stack/stack.ts";
import { adoptionTag, createMark, formatMark, parseMark } from "./adoption-mark.ts";
import { createImportProgram } from "./import-program.ts";
import type { AdoptionPlan } from "./plan-adoption.ts";
import type { PlannedSettings } from "./plan-settings.ts";
import { addSettings, listSettings, writeSettingsFile } from "./settings-file.ts";

/**
 * Makes the stack, writes its settings and takes what is there into its state. The account is only
 * read. Interrupted, it goes on where it ended when it is called again.
 * @returns what to do next, in words. @throws UserError with what the engine reported.
 */
export async function takeOver(
  name: string,
  { settings, imports, live }: AdoptionPlan,
  progress: Progress,
): Promise<string> {
  progress.show(`making the stack ${name}`);
  const stack = await ProjectStack.openOrCreate(name);
  // Read again: making the stack writes its salt into the file.
  const before = await readSettingsFile(name);
  await rememberAdoption(stack, settings, before);
  const after = addSettings(name, before, stack.project, settings);
  if (after !== before) await writeSettingsFile(name, after);
  // Even where nothing is missing: what an interrupted run has left out may be the outputs.
  await stack.up({
    ...showEngine(progress),
    program: createImportProgram(imports, live.migrationTag),
  });
  const count = `${imports.length} resource${imports.length === 1 ? "" : "s"}`;
  return [
    `The stack ${name} has the Worker "${live.name}" now (${count} in its state). Nothing in the account was changed.`,
    `To give it back before that: \`npm run mcp -- adopt --worker ${live.name} --stack ${name} --undo\`.`,
    `Next: \`npx pulumi preview -s ${name}\` shows what was announced above; \`npx pulumi up -s ${name}\` does it.`,
  ].join("\n");
}

/** Before the settings are written: an interrupted run can be undone, too. */
async function rememberAdoption(
  stack: ProjectStack,
  planned: PlannedSettings,
  file: string,
): Promise<void> {
  const earlier = parseMark((await stack.tags())[adoptionTag]);
  const names = listSettings(stack.name, file, stack.project);
  const put = (settings: PlannedSettings) => addSettings(stack.name, file, stack.project, settings);
  const changed = [...names].filter(
    (name) => name in planned && put({ [name]: planned[name] }) !== put({}),
  );
  const mark = formatMark(createMark(earlier, stack.isNew, planned, names, changed));
  await stack.setTags({ [adoptionTag]: mark });
}
