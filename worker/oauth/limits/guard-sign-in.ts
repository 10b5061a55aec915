import type { WorkerEnv } from "../../env.ts";
import { type FormMethod, longestEmail, type SignInResult } from "../../identity/identity.ts";
import { logEvent, logFailure } from "../../log.ts";
import type { BrowserContext } from "../context.ts";
import type { ShownProblem } from "../show-problem.ts";
import { byAccount, byAddress, deriveCounter, isOverLimit, limitPeriod } from "./limits.ts";
import type { ThrottleRule } from "./throttle.ts";
import { findThrottle } from "./throttles.ts";
import { explainTooMany } from "./too-many.ts";

/**
 * Failures of one account from one address. Somebody who knows an email and not its password keeps nobody out:
 * each address waits for its own failures only. Once many addresses have failed for one account, each new one
 * has a single guess, and the person who knows the password needs no more.
 */
const accountRule: ThrottleRule = { free: 5, tightAfter: 50 };

/** Failures of one address, whichever accounts it tries. People of one office share it. */
const addressRule: ThrottleRule = { free: 20 };

/**
 * Reads the sign-in form within its limits: requests a minute, and guesses. For every page that has the
 * form.
 * @returns the method's answer, or that the person has to wait, and how long.
 */
export async function throttleSignIn(
  context: BrowserContext,
  method: FormMethod,
  form: FormData,
): Promise<SignInResult | ShownProblem> {
  const { request, env } = context;
  const account = byAccount(String(form.get("email") ?? "").slice(0, longestEmail));
  const address = byAddress(request);
  // Not by account: a few strangers' addresses would use up what its owner has.
  if (await isOverLimit(env, "SIGN_IN_LIMIT", address)) {
    return explainTooMany("sign-ins", limitPeriod, request.url);
  }
  // If every password is right, nobody guesses one.
  if (method.canRefuse?.(env) !== true) return method.signIn(form, context);
  const names = await Promise.all([account, address].map((one) => deriveCounter(env, one)));
  const [accountName = "", addressName = ""] = names;
  const guess = new Guess(env, accountName, addressName);
  const wait = await guess.begin();
  if (wait > 0) {
    logEvent("sign-in-throttled", { retryAfter: wait });
    return explainTooMany("failed sign-ins", wait, request.url);
  }
  const result = await method.signIn(form, context);
  if (!("problems" in result)) await guess.succeed();
  else if (result.problems.password === undefined) await guess.takeBack();
  return result;
}

/** One attempt in both counters. A counter that fails lets everybody through. */
class Guess {
  readonly #env: WorkerEnv;
  readonly #account: string;
  readonly #address: string;

  constructor(env: WorkerEnv, account: string, address: string) {
    this.#env = env;
    this.#account = account;
    this.#address = address;
  }

  /**
   * The address first: an email can be invented, and each invented one would wake another object.
   * @returns seconds to wait; 0 if the attempt may be made.
   */
  begin(): Promise<number> {
    return this.#count(async (account, address) => {
      const addressWait = await address.attempt("", addressRule);
      if (addressWait > 0) return addressWait;
      const wait = await account.attempt(this.#address, accountRule);
      if (wait > 0) await address.takeBack("");
      return wait;
    });
  }

  /** The address keeps its other failures: otherwise it could reset them with an account of its own. */
  async succeed(): Promise<void> {
    await this.#count(async (account, address) => {
      await Promise.all([account.forget(this.#address), address.takeBack("")]);
      return 0;
    });
  }

  /** For an attempt that tried no password. */
  async takeBack(): Promise<void> {
    await this.#count(async (account, address) => {
      await Promise.all([account.takeBack(this.#address), address.takeBack("")]);
      return 0;
    });
  }

  async #count(
    act: (
      account: ReturnType<typeof findThrottle>,
      address: ReturnType<typeof findThrottle>,
    ) => Promise<number>,
  ): Promise<number> {
    try {
      const account = findThrottle(this.#env, this.#account);
      return await act(account, findThrottle(this.#env, this.#address));
    } catch (error) {
      logFailure("throttle-failure", error, { counter: "sign-in" });
      return 0;
    }
  }
}
