import { failed, notChecked } from "../../check.ts";
import type { Examination, SignIn } from "../../examination.ts";
import { Outcome } from "../ask.ts";
import { type Answered, type Attempt, beginAttempt, checkAnswer } from "../login.ts";
import { keepSecret, timed } from "../state.ts";
import { type BrowserOptions, signInAtBrowser, toTimeLimit } from "./browser.ts";
import { createDemoSignIn } from "./demo.ts";

/** Takes an authorization request through a sign-in. @returns where the browser is sent to with the answer. */
export type SignInMethod = (examination: Examination, attempt: Attempt) => Promise<URL>;

/** Signs in, in the way that an examination has. */
export interface Signer {
  /** Signs in for an endpoint, as often as it is called. */
  signIn(examination: Examination, path: string): Promise<Answered>;
  /** Milliseconds a check may take that signs in: it may wait for a person. */
  readonly timeLimit: number;
}

/** Makes what signs in, in the way that each examination has. */
export function createSigner(options: BrowserOptions = {}): Signer {
  const demos = new WeakMap<Examination, SignInMethod>();
  const choose = (examination: Examination): SignInMethod => {
    const { signIn } = examination;
    switch (signIn.kind) {
      case "demo": {
        // One browser for all of an examination's sign-ins: a person signs in once, too.
        const method = demos.get(examination) ?? createDemoSignIn(signIn.password);
        demos.set(examination, method);
        return method;
      }
      case "probe":
        return (_examination, attempt) => signInWithProbe(examination, attempt, signIn.secret);
      case "browser":
        return (_examination, attempt) => signInAtBrowser(examination, attempt, options);
      case "token":
      case "none":
        throw new Outcome(notChecked(explainAbsence(signIn)));
    }
  };
  return {
    timeLimit: toTimeLimit(options),
    async signIn(examination, path) {
      const method = choose(examination);
      const attempt = await beginAttempt(examination, path);
      const redirect = await timed(examination, "sign-in", () => method(examination, attempt));
      return checkAnswer(examination, attempt, redirect);
    },
  };
}

/** Why there are no tokens, if none came. */
export function explainMissingLogin(examination: Examination): Outcome {
  const { signIn } = examination;
  const reason =
    signIn.kind === "none" || signIn.kind === "token"
      ? explainAbsence(signIn)
      : "The sign-in gave no token.";
  return new Outcome(notChecked(reason));
}

function explainAbsence(signIn: Extract<SignIn, { kind: "none" | "token" }>): string {
  return signIn.kind === "none" ? explainNone(signIn.why) : explainToken();
}

/** Why a line behind a sign-in could not be looked at. */
function explainNone(why: string): string {
  return `There was no sign-in: ${why}`;
}

/** Why a line that signs in, refreshes or revokes could not be looked at with a token that was given. */
function explainToken(): string {
  return "A token was given, so nothing signed in; the token is yours and stays as it is.";
}

/** For a probe that was refused. */
const remedy =
  "Compare the secret with the stack's: npx pulumi config get -s <stack> probeSecret. A redeploy takes a new one over.";

/**
 * Gets a code with the stack's probe secret, without a person: `POST /probe?<authorization request>`
 * (`worker/oauth/probe.ts`). The token reads a profile for five minutes and has no refresh token.
 */
async function signInWithProbe(
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
