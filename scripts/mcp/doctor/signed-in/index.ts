import type { Check, Finding } from "../check.ts";
import type { Examination } from "../examination.ts";
import { Outcome } from "./ask.ts";
import { audienceChecks } from "./audience-checks.ts";
import { callChecks, stepUpCheck } from "./call-checks.ts";
import { latencyCheck } from "./latency-check.ts";
import { createRepeatChecks, refreshCheck } from "./refresh-checks.ts";
import { createRevokeChecks, type RevokeOptions } from "./revoke-checks.ts";
import type { BrowserOptions } from "./sign-in/browser.ts";
import { createSigner } from "./sign-in/index.ts";
import { createSignInChecks } from "./sign-in-checks.ts";
import { createSseChecks, progressCheck, sseProgressCheck } from "./sse-checks.ts";
import { withoutSecrets } from "./state.ts";

/** How the checks ask a person, and how long they wait. */
export type SignedInOptions = BrowserOptions & RevokeOptions;

/**
 * Makes the checks behind a sign-in, in the order in which they must run: each leaves a login that works
 * to the next, and the last two end it. What they sign in for is given back through
 * `Examination.leave`.
 */
export function createSignedInChecks(options: SignedInOptions = {}): readonly Check[] {
  const signer = createSigner(options);
  return [
    ...createSignInChecks(signer),
    ...callChecks,
    progressCheck,
    stepUpCheck,
    ...createSseChecks(signer),
    sseProgressCheck,
    ...audienceChecks,
    refreshCheck,
    // Before the checks that can end the login on a strict server.
    latencyCheck,
    ...createRepeatChecks(signer),
    ...createRevokeChecks(signer, options),
  ].map(guard);
}

export const signedInChecks: readonly Check[] = createSignedInChecks();

/** A check that may end by an `Outcome`, and whose words hold no secret. */
function guard(check: Check): Check {
  return {
    ...check,
    async run(examination) {
      try {
        return clean(examination, await check.run(examination));
      } catch (error) {
        if (error instanceof Outcome) return clean(examination, error.finding);
        throw withCleanMessage(examination, error);
      }
    },
  };
}

function clean(examination: Examination, finding: Finding): Finding {
  return { ...finding, reason: withoutSecrets(examination, finding.reason) };
}

/** Its message is what the runner may show; the rest of it stays. */
function withCleanMessage(examination: Examination, error: unknown): unknown {
  if (error instanceof Error) error.message = withoutSecrets(examination, error.message);
  return error;
}
