import { UserError } from "../../errors.ts";
import { listStacks } from "../stack/workspace.ts";
import { fromStackName, toStackName } from "./pull-request.ts";

/**
 * Name of a pull request's stack as the CLI takes it: one of another organization than the person's own
 * begins with it. Undefined where there is none.
 * @throws UserError where there are several, or the backend cannot be read.
 */
export async function findStack(pullRequest: number): Promise<string | undefined> {
  return pickStack(await listStacks(), pullRequest);
}

/** The one of some stacks that is a pull request's. @throws UserError where several are called so. */
export function pickStack(stacks: readonly string[], pullRequest: number): string | undefined {
  const own = toStackName(pullRequest);
  if (stacks.includes(own)) return own;
  const [first, ...others] = stacks.filter((name) => fromStackName(name) === pullRequest);
  if (others.length === 0) return first;
  throw new UserError(
    `--pr: several organizations have a stack ${own}: ${[first, ...others].join(", ")}. Choose one with \`npx pulumi org set-default <organization>\`.`,
  );
}
