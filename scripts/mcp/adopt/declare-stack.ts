import { createLiveAccount } from "../../../infra/live-account.ts";
import type { DeclaredResource } from "../../dev/declared-resource.ts";
import { runWithMocks } from "../../dev/run-with-mocks.ts";

/** A stack that may not be there yet. */
export interface StackInput {
  readonly project: string;
  readonly stack: string;
  readonly values: Readonly<Record<string, string>>;
  readonly secretKeys: readonly string[];
}

/** What a stack's program declares with some settings. */
export interface DeclaredStack {
  readonly resources: readonly DeclaredResource[];
  /** Public base URL without a slash at the end. */
  readonly origin: string;
}

/**
 * Runs the stack's program without an engine; the account is the real one, and is only read.
 * @throws Refusal where the program refuses the stack.
 */
export async function declareStack(input: StackInput): Promise<DeclaredStack> {
  const { resources, outputs } = await runWithMocks(
    { ...input, keys: {} },
    { parts: { createAccount: createLiveAccount } },
  );
  return { resources, origin: outputs.url.replace(/\/$/, "") };
}
