import { OAuthApp } from "../../support/oauth-app.ts";
import { sample } from "../../support/sample.ts";
import { type LoadTally, Member } from "./member.ts";
import { compareQuarters, findWorkerd, measure, measureHeap } from "./memory.ts";
import { Random } from "./random.ts";

/** How large a crowd is and how much it asks. */
export interface CrowdExtent {
  readonly people: number;
  readonly calls: number;
  /** People who keep an HTTP+SSE stream open. */
  readonly streams: number;
  readonly seed: number;
}

/** What came of a run. */
export interface LoadResult {
  readonly tally: LoadTally;
  /** The first of what went wrong, in words. */
  readonly problems: readonly string[];
  /** Memory of workerd in megabytes, measured a hundred times over the run. */
  readonly memory: readonly number[];
  /** What the Worker has of it on its heap. Empty without an inspector. */
  readonly heap: readonly number[];
}

/** Settings of a stack in which one address may do what a crowd does, and no token ends in the midst. */
export const crowdSettings = {
  accessTokenLifetime: "86400",
  authorizationsPerMinute: "100000",
  registrationsPerMinute: "100000",
  signInsPerMinute: "100000",
  tokenRequestsPerMinute: "100000",
};

/** People that act at the same time. */
const busy = 24;

/** Apps that all people use: each has connections to several. */
const appCount = 6;

/** How often memory is measured: in a whole run, as a sample is too short for a heap to settle. */
const measures = sample(0, 100);

/** The crowd of `npm test`, and the one of `npm run test:soak`. */
export const wholeCrowd: CrowdExtent = {
  people: sample(20, 200),
  calls: sample(500, 20_000),
  streams: sample(5, 50),
  seed: 20_260_730,
};

/** What a run leaves for docs/security.md. */
export function toFigures({ tally, memory, heap }: Omit<LoadResult, "problems">): object {
  const measured = heap.length > 0 ? heap : memory;
  if (measured.length === 0) return tally;
  const { first, last } = compareQuarters(measured);
  return heap.length > 0
    ? { ...tally, firstHeap: first, lastHeap: last }
    : { ...tally, firstMegabytes: first, lastMegabytes: last };
}

/**
 * Lets a crowd use a server, and checks every answer.
 * @param inspector where that of the Worker listens. Default: its heap is not measured.
 */
export async function letCrowdIn(
  origin: string,
  extent: CrowdExtent,
  inspector?: URL,
): Promise<LoadResult> {
  const { people, calls, streams, seed } = extent;
  const random = new Random(seed);
  const apps = await Promise.all(
    Array.from({ length: appCount }, (_, index) => OAuthApp.register(origin, `App ${index}`)),
  );
  const tally: LoadTally = {
    ...{ people, streams, calls: 0, refreshes: 0, logins: 0, revocations: 0 },
    ...{ foreign: 0, wrong: 0, failed: 0 },
  };
  const problems: string[] = [];
  const report = (problem: string) => void (problems.length < 50 && problems.push(problem));
  const members = Array.from(
    { length: people },
    (_, index) => new Member({ index, origin, random: random.fork(), apps, tally, report }),
  );
  await using open = new AsyncDisposableStack();
  for (const member of members) open.use(member);
  const waiting = [...members.entries()];
  await work(async () => {
    const next = waiting.shift();
    if (next === undefined) return false;
    await next[1].enter(next[0] < streams);
    return true;
  });
  const workerd = measures === 0 ? [] : await findWorkerd();
  const [memory, heap]: [number[], number[]] = [[], []];
  // Several may find at once that it is time to measure.
  let measuring = 0;
  // One does one thing at a time, so that each knows what the server must answer.
  const idle = [...members];
  await work(async () => {
    if (tally.calls >= calls) return false;
    const [member] = idle.splice(random.whole(0, idle.length - 1), 1);
    if (member === undefined) return false;
    const before = Math.floor((tally.calls / calls) * measures);
    await member.act();
    idle.push(member);
    if (memory.length + measuring <= before && memory.length + measuring < measures) {
      measuring += 1;
      memory.push(await measure(workerd));
      if (inspector !== undefined) heap.push(await measureHeap(inspector));
      measuring -= 1;
    }
    return true;
  });
  const ids = members.map(({ id }) => id).filter((id) => id !== undefined);
  if (new Set(ids).size < ids.length) {
    tally.foreign += 1;
    report("Two people have one id.");
  }
  return { tally, problems, memory, heap };
}

/** Several do something until there is nothing left to do. */
async function work(next: () => Promise<boolean>): Promise<void> {
  const lane = async () => {
    while (await next());
  };
  await Promise.all(Array.from({ length: busy }, lane));
}
