import type { Tool } from "@modelcontextprotocol/client";
import type { Examination } from "../examination.ts";
import type { Answered, Login } from "./login.ts";

/** What the signed-in checks of one examination share. */
export interface State {
  /** A code that came back and was not redeemed yet. */
  answered?: Answered;
  /** The login for the endpoint of Streamable HTTP. */
  login?: Login;
  /** The login for the endpoint of HTTP+SSE. The same one where both are one resource. */
  sseLogin?: Login;
  /** Whether a refresh went as it should. */
  canRefresh?: boolean;
  /** What the server offers, once a client has listed it. */
  tools?: readonly Tool[];
  /** The protocol that the server was seen to speak, the newest first. */
  readonly eras: ("modern" | "legacy")[];
  /** Milliseconds of each step that was taken, by the step's name. */
  readonly times: Map<string, number>;
  /** What must be in no finding: tokens, codes, verifiers, passwords. */
  readonly secrets: Set<string>;
}

const states = new WeakMap<Examination, State>();

/** What is known of this examination so far. */
export function stateOf(examination: Examination): State {
  const known = states.get(examination);
  if (known !== undefined) return known;
  const state: State = { eras: [], times: new Map(), secrets: new Set() };
  states.set(examination, state);
  return state;
}

/** Takes a step and keeps how long it took; the last time counts. */
export async function timed<Result>(
  examination: Examination,
  step: string,
  work: () => Promise<Result>,
): Promise<Result> {
  const started = performance.now();
  const result = await work();
  stateOf(examination).times.set(step, performance.now() - started);
  return result;
}

/** Keeps what must be in no finding out of each. */
export function keepSecret(examination: Examination, ...values: (string | undefined)[]): void {
  const { secrets } = stateOf(examination);
  for (const value of values) if (value !== undefined && value !== "") secrets.add(value);
}

/** A text without the secrets that are known, whoever put them in. */
export function withoutSecrets(examination: Examination, text: string): string {
  // The longest first: a token may begin with another.
  const secrets = [...stateOf(examination).secrets].sort((a, b) => b.length - a.length);
  return secrets.reduce((clean, secret) => clean.replaceAll(secret, "[redacted]"), text);
}
