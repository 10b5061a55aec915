import { setTimeout as sleep } from "node:timers/promises";
import { UserError } from "../../errors.ts";
import type { ProjectStack } from "../stack/stack.ts";
import { toStackName } from "./pull-request.ts";
import { findMissingTags, readPreview, type Tags, tagNames } from "./tags.ts";

/** Times that tags are written: two runs at once may each overwrite what the other wrote. */
const mostWrites = 5;

/**
 * @throws UserError for a stack that is called like the preview and is none. An empty one without tags is
 * what a first `up` leaves that was killed at its beginning.
 */
export async function refuseStranger(stack: ProjectStack, pullRequest: number): Promise<void> {
  const tags = await stack.tags();
  if (readPreview(stack.name, tags) !== undefined) return;
  const isNew = tags[tagNames.pullRequest] === undefined && (await stack.resources()).length === 0;
  if (isNew) return;
  throw new UserError(
    `--pr: the stack ${toStackName(pullRequest)} is no preview: it has not the tag ${tagNames.pullRequest} with the value ${pullRequest}. It is left alone. If it is one all the same, \`npx pulumi stack tag set ${tagNames.pullRequest} ${pullRequest} -s ${stack.name}\`.`,
  );
}

/** Sets tags, those that are missing only. @throws UserError where they do not stay. */
export async function ensureTags(stack: ProjectStack, wanted: Tags): Promise<void> {
  for (let write = 0; write < mostWrites; write += 1) {
    const missing = findMissingTags(wanted, await stack.tags());
    if (Object.keys(missing).length === 0) return;
    await stack.setTags(missing);
    if (write > 0) await sleep(Math.random() * 500);
  }
  throw new UserError(
    `${stack.name}: its tags do not stay as they are set; other runs seem to change them. Run this again when they are done.`,
  );
}

/** What a stack's state holds of Cloudflare's, in words. */
export async function describeResources(stack: ProjectStack): Promise<string[]> {
  const resources = await stack.resources();
  return resources
    .filter(({ type }) => type.startsWith("cloudflare:"))
    .map(({ type, urn }) => `${type.split(":").at(-1)} "${urn.split("::").at(-1)}"`);
}
