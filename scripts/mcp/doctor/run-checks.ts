import { toPlainLine } from "../../plain-text.ts";
import { type Check, type Finding, failed, type Line, notChecked } from "./check.ts";
import type { Examination } from "./examination.ts";
import { explainFault } from "./faults.ts";

/** Milliseconds a check may take, unless it says otherwise. */
const defaultTimeLimit = 60_000;

export interface CheckOptions {
  /** Called when a check begins. */
  readonly onBegin?: (check: Check) => void;
  /** Called with each line as soon as it is known. */
  readonly onLine?: (line: Line) => void;
  /** Ends the run early: what is left is "not checked", and what was opened is closed. */
  readonly signal?: AbortSignal;
}

export interface RunResult {
  readonly lines: readonly Line[];
  /** Things that could not be cleaned up, in sentences. */
  readonly leftOver: readonly string[];
}

/**
 * Runs checks one after the other. One that needs a line which failed or was not checked is not run,
 * so that one fault makes one failed line. What the checks left to do at the end is done whatever
 * happens.
 * @throws Error if a check needs one that does not come before it: a fault of the list.
 */
export async function runChecks(
  checks: readonly Check[],
  examination: Examination,
  options: CheckOptions = {},
): Promise<RunResult> {
  refuseWrongOrder(checks);
  const lines = new Map<string, Line>();
  for (const check of checks) {
    const begun = performance.now();
    const found = hideSecrets(await decide(check, lines, examination, options), examination);
    const line = { ...found, check, duration: performance.now() - begun };
    lines.set(check.id, line);
    options.onLine?.(line);
  }
  return { lines: [...lines.values()], leftOver: await leave(examination) };
}

function refuseWrongOrder(checks: readonly Check[]): void {
  const known = new Set<string>();
  for (const { id, needs = [] } of checks) {
    const absent = needs.find((needed) => !known.has(needed));
    if (absent !== undefined) throw new Error(`The check ${id} needs ${absent} before it.`);
    if (known.has(id)) throw new Error(`Two checks have the id ${id}.`);
    known.add(id);
  }
}

async function decide(
  check: Check,
  lines: ReadonlyMap<string, Line>,
  examination: Examination,
  { onBegin, signal }: CheckOptions,
): Promise<Finding> {
  if (signal?.aborted) return notChecked("The run was ended before.");
  for (const { verdict, check: ground } of lines.values()) {
    if (!ground.isGround || verdict !== "failed") continue;
    return { ...explainNeed(ground.id, "failed"), behind: ground.title };
  }
  for (const id of check.needs ?? []) {
    const needed = lines.get(id);
    if (needed === undefined || needed.verdict === "ok" || needed.verdict === "warning") continue;
    return explainNeed(id, needed.verdict);
  }
  onBegin?.(check);
  return look(check, examination, signal);
}

function explainNeed(id: string, verdict: "failed" | "not checked"): Finding {
  const how = verdict === "failed" ? "failed" : "was not checked";
  return notChecked(`The line ${id} ${how}, and without it this one says nothing.`);
}

/** Runs one check, for its time at most. Whatever it throws becomes a finding. */
async function look(
  check: Check,
  examination: Examination,
  signal: AbortSignal | undefined,
): Promise<Finding> {
  const { timeLimit = defaultTimeLimit } = check;
  const ended = Promise.withResolvers<Finding>();
  const late = setTimeout(() => {
    const remedy = "Look in the server's log for what takes so long, then try again.";
    ended.resolve(failed(`It took more than ${timeLimit / 1000} seconds.`, remedy));
  }, timeLimit);
  const stop = () => ended.resolve(notChecked("The run was ended during this line."));
  signal?.addEventListener("abort", stop);
  try {
    return await Promise.race([check.run(examination), ended.promise]);
  } catch (error) {
    return explain(error);
  } finally {
    clearTimeout(late);
    signal?.removeEventListener("abort", stop);
  }
}

function explain(error: unknown): Finding {
  const fault = explainFault(error);
  if (fault !== undefined) return failed(`A request failed: ${fault.reason}.`, fault.remedy);
  return failed(
    `doctor could not finish this line: ${findCause(error)}.`,
    "Try again; if it happens twice, it is a fault of doctor: report it.",
  );
}

/** The first cause of an error: fetch itself says only that it failed. */
function findCause(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? findCause(error.cause) : error.message;
}

/** Does what was left to do, last first. @returns what could not be done. */
async function leave(examination: Examination): Promise<string[]> {
  const leftOver: string[] = [];
  for (const act of examination.leave.splice(0).reverse()) {
    try {
      await act();
    } catch (error) {
      const reason = explainFault(error)?.reason ?? findCause(error).replace(/\.$/, "");
      leftOver.push(
        hideSecrets({ reason: `Something was not cleaned up: ${reason}.` }, examination).reason,
      );
    }
  }
  return leftOver;
}

/** Shortest text that is looked for: a shorter one would strike out harmless words. */
const shortestSecret = 8;

/**
 * Makes the texts of a finding fit for a terminal and a report: no token, secret or password that is
 * known of, and no character that would move a cursor, whatever a server had put into its answer.
 */
function hideSecrets<Texts extends { readonly reason: string; readonly remedy?: string }>(
  texts: Texts,
  examination: Pick<Examination, "signIn" | "learned">,
): Texts {
  const secrets = listSecrets(examination);
  const clean = (text: string) =>
    toPlainLine(secrets.reduce((shown, secret) => shown.replaceAll(secret, "(secret)"), text));
  return {
    ...texts,
    reason: clean(texts.reason),
    ...(texts.remedy !== undefined && { remedy: clean(texts.remedy) }),
  };
}

function listSecrets({ signIn, learned }: Pick<Examination, "signIn" | "learned">): string[] {
  const { tokens, client } = learned;
  const given =
    signIn.kind === "token"
      ? signIn.token
      : signIn.kind === "probe"
        ? signIn.secret
        : signIn.kind === "demo"
          ? signIn.password
          : undefined;
  return [given, tokens?.accessToken, tokens?.refreshToken, client?.clientSecret].filter(
    (secret) => secret !== undefined && secret.length >= shortestSecret,
  ) as string[];
}
