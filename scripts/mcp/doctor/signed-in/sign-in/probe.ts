import { failed, notChecked } from "../../check.ts";
import type { Examination } from "../../examination.ts";
import type { Attempt } from "../login.ts";
import { Outcome } from "../outcome.ts";
import { keepSecret } from "../state.ts";

/** What to do about a probe that was refused. */
const remedy =
  "Compare the secret with the stack's: pulumi config get probeSecret. A redeploy takes a new one over.";

/**
 * Gets a code with the stack's probe secret, without a person: `POST /probe?<authorization request>`
 * (`worker/oauth/probe.ts`). The token reads a profile for five minutes and has no refresh token.
 */
export async function signInWithProbe(
  examination: Examination,
  { url }: Attempt,
  secret: string,
): Promise<URL> {
  keepSecret(examination, secret);
  const response = await examination.fetch(`/probe${url.search}`, {
    method: "POST",
    headers: { authorization: `Bearer ${secret}` },
  });
  const { status } = response;
  const body: unknown = await response.json().catch(() => undefined);
  if (status === 404) {
    throw new Outcome(notChecked("This server has no probe: its stack has no probeSecret."));
  }
  if (status === 401) throw new Outcome(failed("The probe secret was refused (401).", remedy));
  const { redirect_to: target, error } = (body ?? {}) as Record<string, unknown>;
  if (status === 200 && typeof target === "string" && URL.canParse(target)) return new URL(target);
  const said = typeof error === "string" ? ` with ${error}` : "";
  throw new Outcome(failed(`The probe answered ${status}${said}, not with a code.`, remedy));
}
