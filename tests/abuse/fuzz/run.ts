import * as fc from "fast-check";
import { judge } from "./judge.ts";
import { Sender } from "./send.ts";
import { type Answer, describeRequest, type SentRequest } from "./sent.ts";

/** The seed of every run in this checkout, so that it is the same everywhere. `FUZZ_SEED` sets another. */
export const fuzzSeed = Number(process.env.FUZZ_SEED ?? 20_260_730);

/** The one case that is run: the number in a report. Undefined: all. */
const onlyCase = process.env.FUZZ_CASE === undefined ? undefined : Number(process.env.FUZZ_CASE);

/** Cases that are made at a time. */
export const batchSize = 500;

/** Problems that are reported. */
const mostProblems = 20;

/** A run of cases. */
export interface FuzzParts<Case> {
  /** Of the test, from the root: told with a seed to run again. */
  readonly file: string;
  readonly origin: string;
  readonly cases: fc.Arbitrary<Case>;
  readonly count: number;
  /** Requests under way at a time. */
  readonly inFlight: number;
  /** The request of a case. */
  readonly toRequest: (fuzzCase: Case, number: number) => SentRequest;
  /** Milliseconds until a request hangs; default: as this machine needs. */
  readonly patience?: number;
  /** Whether an answer that looks like a failure is one that is promised. Default: none is. */
  readonly isPromised?: (answer: Answer) => boolean;
  /** After each batch. */
  readonly onBatch?: () => Promise<void>;
}

/** What came of it. */
export interface FuzzResult {
  readonly cases: number;
  readonly seed: number;
  /** How often each status was the answer; 0: the connection was ended. */
  readonly statuses: Readonly<Record<string, number>>;
  /** Recorded requests that were tried. */
  readonly endpoints: ReadonlySet<string>;
  /** What was wrong, with the way to run it again. */
  readonly problems: readonly string[];
  readonly slowest: number;
}

/** Sends cases of a seed, many at a time, and judges each answer. */
export async function fuzz<Case>(parts: FuzzParts<Case>): Promise<FuzzResult> {
  const { file, origin, cases, count, inFlight, toRequest, patience, onBatch } = parts;
  const { isPromised = () => false } = parts;
  using sender = new Sender(origin, inFlight, patience);
  const statuses: Record<string, number> = {};
  const endpoints = new Set<string>();
  const problems: string[] = [];
  let slowest = 0;
  let tried = 0;
  const tryCase = async (fuzzCase: Case, number: number) => {
    const request = toRequest(fuzzCase, number);
    const answer = await sender.send(request);
    tried += 1;
    endpoints.add(request.name);
    statuses[answer.status] = (statuses[answer.status] ?? 0) + 1;
    slowest = Math.max(slowest, answer.milliseconds);
    const problem = isPromised(answer) ? undefined : judge(request, answer);
    if (problem === undefined || problems.length >= mostProblems) return;
    problems.push(`${describeRequest(request)} ${problem}\n${explainAgain(file, number)}`);
  };
  const total = onlyCase === undefined ? count : Math.max(count, onlyCase + 1);
  for (let start = 0; start < total; start += batchSize) {
    if (onlyCase !== undefined && Math.floor(onlyCase / batchSize) * batchSize !== start) continue;
    const batch = makeBatch(cases, start, Math.min(batchSize, total - start));
    const waiting = batch
      .map((fuzzCase, index) => [fuzzCase, start + index] as const)
      .filter(([, number]) => onlyCase === undefined || number === onlyCase);
    const work = async () => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        await tryCase(...next);
      }
    };
    await Promise.all(Array.from({ length: inFlight }, work));
    await onBatch?.();
  }
  return {
    cases: tried,
    seed: fuzzSeed,
    statuses,
    endpoints,
    problems,
    slowest: Math.round(slowest),
  };
}

/** The cases from a number on: each batch has a seed of its own, so that one can be made alone. */
export function makeBatch<Case>(cases: fc.Arbitrary<Case>, start: number, size: number): Case[] {
  return fc.sample(cases, { seed: fuzzSeed + start, numRuns: size });
}

/** How a failing run is run again. @param number of the one case. Default: all of them. */
export function explainAgain(file: string, number?: number): string {
  const one = number === undefined ? "" : ` FUZZ_CASE=${number}`;
  return `Again: FUZZ_SEED=${fuzzSeed}${one} npm run test:clients -- ${file}`;
}

/** One line about a run, for whoever reads the output of a test. */
export function tellRun(
  what: string,
  { cases, seed, statuses, endpoints, slowest }: FuzzResult,
): void {
  const seen = Object.entries(statuses).map(([status, times]) => `${status}: ${times}`);
  console.info(
    `${what}: ${cases} cases of seed ${seed} at ${endpoints.size} endpoints, slowest ${slowest} ms; ${seen.join(", ")}`,
  );
}

/** What of a run is kept for the page on security. */
export function toFigures({ cases, seed, statuses, endpoints, problems, slowest }: FuzzResult) {
  return {
    cases,
    seed,
    endpoints: endpoints.size,
    slowestMilliseconds: slowest,
    statuses: Object.keys(statuses).length,
    failures: problems.length,
  };
}
