import { notChecked } from "../../check.ts";
import type { Examination, SignIn } from "../../examination.ts";
import { type Answered, type Attempt, beginAttempt, checkAnswer } from "../login.ts";
import { Outcome } from "../outcome.ts";
import { timed } from "../state.ts";
import { type BrowserOptions, signInAtBrowser, toTimeLimit } from "./browser.ts";
import { createDemoSignIn } from "./demo.ts";
import { explainNone } from "./none.ts";
import { signInWithProbe } from "./probe.ts";
import { explainToken } from "./token.ts";

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

/** Why there are no tokens, where none came. */
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
