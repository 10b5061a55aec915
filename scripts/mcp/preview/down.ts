import { UserError } from "../../errors.ts";
import { ProjectStack } from "../stack/stack.ts";
import { listStacks, readTags } from "../stack/workspace.ts";
import { holdCheckout } from "./checkout-lock.ts";
import { type Leftovers, removeLostNamespaces, removeLostWorker } from "./leftovers.ts";
import { describeResources, hasWorker } from "./own-stack.ts";
import { fromStackName, toStackName } from "./pull-request.ts";
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
  const shortName = toStackName(pullRequest);
  const onWait = () => show.wait(`another run on ${shortName} in this checkout`);
  return holdCheckout(shortName, onWait, async () => {
    const name = await findName(pullRequest);
    if (name === undefined) {
      await removeSettings(shortName);
      return false;
    }
    if (readPreview(name, await readTags(name)) === undefined) {
      throw new UserError(
        `--pr: the stack ${name} is no preview: it has not the tag ${tagNames.pullRequest} with the value ${pullRequest}. It is left alone. \`npx pulumi stack -s ${name}\` shows what it is; an empty one, which a killed \`preview up\` may leave, goes with \`npx pulumi stack rm ${name}\`.`,
      );
    }
    const stack = await ProjectStack.open(name);
    await writeSettings(stack.project, shortName);
    show.step(`Removing ${name}`);
    await removeAll(stack, pullRequest, show);
    await removeSettings(shortName);
    return true;
  });
}

/** A preview's stack as the CLI takes it: a CI runner's may be of another organization. */
async function findName(pullRequest: number): Promise<string | undefined> {
  const called = (await listStacks()).filter((name) => fromStackName(name) === pullRequest);
  const own = toStackName(pullRequest);
  return called.includes(own) ? own : called[0];
}

async function removeAll(stack: ProjectStack, pullRequest: number, show: Show): Promise<void> {
  const scriptName = `${stack.project}-${stack.shortName}`;
  try {
    const account = await stack.account(permission);
    const foreign: string[] = [];
    const take = (found: Leftovers) => {
      for (const what of found.removed) {
        show.step(`Removed ${what}, which an interrupted run had left`);
      }
      foreign.push(...found.foreign);
    };
    if (!hasWorker(await stack.resources())) {
      take(await removeLostWorker(account, scriptName, stack.shortName));
    }
    // What somebody deleted by hand is no longer there to be deleted: the provider would fail at it.
    await stack.destroy({ ...show.engine, refresh: true });
    take(await removeLostNamespaces(account, scriptName));
    if (foreign.length > 0) throw new UserError(describeForeign(foreign));
    await stack.remove();
  } catch (error) {
    throw await explain(error, stack, pullRequest);
  } finally {
    show.progress.clear();
  }
}

function describeForeign(foreign: readonly string[]): string {
  return [
    "The account has what carries the preview's name, and the preview did not make it:",
    ...foreign.map((what) => `  ${what}`),
    "Delete it in the dashboard if nobody needs it.",
  ].join("\n");
}

/** What failed, what is left, and how to go on. */
async function explain(error: unknown, stack: ProjectStack, pullRequest: number): Promise<unknown> {
  if (!(error instanceof Error)) return error;
  const left = await stack.resources().then(describeResources, () => undefined);
  const what =
    left === undefined
      ? "What is left could not be read."
      : left.length === 0
        ? `The stack ${stack.name} is left, and knows of nothing in the account.`
        : `Left of ${stack.name}: ${left.join(", ")}.`;
  return new UserError(
    `${error.message}\n${what} To finish: npm run mcp -- preview down --pr ${pullRequest}`,
  );
}
