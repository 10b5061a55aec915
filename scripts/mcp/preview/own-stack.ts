import { setTimeout as sleep } from "node:timers/promises";
import { resourceType } from "../../../infra/resource-types.ts";
import { UserError } from "../../errors.ts";
import { toResourceName } from "../stack/declared.ts";
import type { ProjectStack } from "../stack/stack.ts";
import type { StateResource } from "../stack/state.ts";
import { isOfAnother } from "./pull-request.ts";
import { findMissingTags, readPreview, type Tags, tagNames } from "./tags.ts";

export interface StackParts {
  readonly tags: Tags;
  readonly resources: readonly StateResource[];
  readonly own: string | undefined;
}

/** Times that tags are written: two runs at once may each overwrite what the other wrote. */
const mostWrites = 5;

/**
 * @param own repository for which this runs, if it is known.
 * @throws UserError for a stack that is called like the preview and is none, or is another repository's. An
 * empty one without tags is what a first `up` leaves that was killed at its beginning.
 */
export function refuseStranger(
  stack: string,
  pullRequest: number,
  { tags, resources, own }: StackParts,
): void {
  const preview = readPreview(stack, tags);
  if (isOfAnother(preview?.repository, own)) {
    throw new UserError(
      `--pr: ${stack} is a preview of ${preview?.repository}, and this runs for ${own}. It is left alone. Two repositories that share a backend need two names of the project, in Pulumi.yaml. If the repository was renamed, \`npx pulumi stack tag set ${tagNames.repository} ${own} -s ${stack}\`.`,
    );
  }
  if (preview !== undefined) return;
  const isNew = tags[tagNames.pullRequest] === undefined && resources.length === 0;
  if (isNew) return;
  throw new UserError(
    `--pr: the stack ${stack} is not a preview: the tag ${tagNames.pullRequest} with the value ${pullRequest} is missing. It is left alone. If it is one after all, \`npx pulumi stack tag set ${tagNames.pullRequest} ${pullRequest} -s ${stack}\`.`,
  );
}

/**
 * Sets the tags that are missing.
 * @param found those that it has.
 * @returns those that it has then.
 * @throws UserError if they do not stay.
 */
export async function ensureTags(stack: ProjectStack, wanted: Tags, found: Tags): Promise<Tags> {
  let tags = found;
  for (let write = 0; write < mostWrites; write += 1) {
    const missing = findMissingTags(wanted, tags);
    if (Object.keys(missing).length === 0) return tags;
    if (write > 0) await sleep(Math.random() * 500);
    await stack.setTags(missing);
    tags = await stack.tags();
  }
  throw new UserError(
    `${stack.name}: its tags do not stay as they are set; other runs seem to change them. Run this again when they are done.`,
  );
}

export function hasWorker(resources: readonly StateResource[]): boolean {
  return resources.some(({ type }) => type === resourceType.worker);
}

/** The Cloudflare resources in a stack's state, in words. */
export function describeResources(resources: readonly StateResource[]): string[] {
  return resources
    .filter(({ type }) => type.startsWith("cloudflare:"))
    .map((each) => `${each.type.split(":").at(-1)} "${toResourceName(each)}"`);
}
