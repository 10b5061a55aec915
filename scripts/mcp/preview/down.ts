import { UserError } from "../../errors.ts";
import { listStacks, ProjectStack, readTags } from "../stack/stack.ts";
import { holdCheckout } from "./checkout-lock.ts";
import { removeLeftovers } from "./leftovers.ts";
import { describeResources } from "./own-stack.ts";
import { toStackName } from "./pull-request.ts";
import { removeSettings, writeSettings } from "./settings-file.ts";
import type { Show } from "./show.ts";
import { readPreview, tagNames } from "./tags.ts";

/** Permission that the account's token needs. */
export const permission =
  '"Account, Workers Scripts: Edit" and "Account, Workers KV Storage: Edit"';

/**
 * Removes a preview: all it has in the account, its stack with history and tags, its settings file.
 * @returns whether there was one.
 * @throws UserError that says what is left and how to go on.
 */
export function down(pullRequest: number, show: Show): Promise<boolean> {
  const name = toStackName(pullRequest);
  const onWait = () => show.wait(`another run on ${name} in this checkout`);
  return holdCheckout(name, onWait, async () => {
    if (!(await listStacks()).includes(name)) {
      await removeSettings(name);
      return false;
    }
    if (readPreview(name, await readTags(name)) === undefined) {
      throw new UserError(
        `--pr: the stack ${name} is no preview: it has not the tag ${tagNames.pullRequest} with the value ${pullRequest}. It is left alone. \`npx pulumi stack -s ${name}\` shows what it is; an empty one, which a killed \`preview up\` may leave, goes with \`npx pulumi stack rm ${name}\`.`,
      );
    }
    const stack = await ProjectStack.open(name);
    await writeSettings(stack.project, name);
    show.step(`Removing ${name}`);
    await destroy(stack, pullRequest, show);
    await removeRest(stack, pullRequest, show);
    await stack.remove();
    await removeSettings(name);
    return true;
  });
}

async function destroy(stack: ProjectStack, pullRequest: number, show: Show): Promise<void> {
  try {
    // What somebody deleted by hand is no longer there to be deleted: the provider would fail at it.
    await stack.destroy({ ...show.engine, refresh: true });
  } catch (error) {
    throw await explain(error, stack, pullRequest);
  } finally {
    show.progress.clear();
  }
}

async function removeRest(stack: ProjectStack, pullRequest: number, show: Show): Promise<void> {
  const scriptName = `${stack.project}-${stack.name}`;
  const account = await stack.account(permission);
  const { removed, foreign } = await removeLeftovers(account, scriptName, stack.name).catch(
    (error: unknown) => {
      const message = error instanceof Error ? error.message : String(error);
      throw new UserError(
        `The account could not be searched for what an interrupted run may have left of ${stack.name}: ${message}\n${howToGoOn(pullRequest)}`,
      );
    },
  );
  for (const what of removed) show.step(`Removed ${what}, which an interrupted run had left`);
  if (foreign.length === 0) return;
  throw new UserError(
    [
      `Everything that ${stack.name} knows of is removed. The account still has what carries its name:`,
      ...foreign.map((what) => `  ${what}`),
      `Delete it in the dashboard if nobody needs it. ${howToGoOn(pullRequest)}`,
    ].join("\n"),
  );
}

/** What failed, what is left, and how to go on. */
async function explain(error: unknown, stack: ProjectStack, pullRequest: number): Promise<unknown> {
  if (!(error instanceof UserError)) return error;
  const left = await describeResources(stack).catch(() => undefined);
  const what =
    left === undefined
      ? "What is left could not be read."
      : left.length === 0
        ? `Nothing of ${stack.name} is left in the account; its stack is.`
        : `Left of ${stack.name}: ${left.join(", ")}.`;
  return new UserError(`${error.message}\n${what} ${howToGoOn(pullRequest)}`);
}

function howToGoOn(pullRequest: number): string {
  return `To finish: npm run mcp -- preview down --pr ${pullRequest}`;
}
