import type { WorkerModule, WorkerSpec } from "../../../scripts/runtime/worker-spec.ts";
import { everyScope } from "../../support/connect.ts";
import { postMessage, toToolCall } from "../../support/mcp-by-hand.ts";
import { OAuthApp, readCode } from "../../support/oauth-app.ts";
import { Person } from "../../support/person.ts";
import { SimulatedStack } from "../../support/simulation/simulated-stack.ts";
import type { StackServerOptions } from "../../support/stack-server.ts";
import { ClientProcess, type StoredTokens, type TokenStore, toTokens } from "./client-process.ts";
import { Random } from "./random.ts";
import { Ledger, type Tally } from "./tally.ts";
import { Timeline } from "./timeline.ts";

/** How long a run is and who takes part. */
export interface Extent {
  readonly days: number;
  readonly people: number;
  /** Client processes of each person, which share a token store. */
  readonly processes: number;
  readonly deployments: number;
  readonly seed: number;
  /** Share of the refreshes whose answer gets lost on its way. Default: 4 in 100. */
  readonly lostShare?: number;
  /** Ends the run early. */
  readonly isEnough?: (tally: Tally) => boolean;
  /** Puts other code in place of the product's, in every deployment. */
  readonly change?: StackServerOptions["change"];
}

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/** Hours of the day in which people work. */
const morning = 8;
const evening = 19;

/** Milliseconds between two questions of a person, on average. */
const usualGap = 50 * minute;

/**
 * Days on end, in simulated time: people with several processes of a client each, KV that shows writes a
 * minute late, objects that are taken out of memory in the midst of calls, deployments, the clean-up, answers that get lost.
 */
export async function liveThrough(extent: Extent): Promise<Ledger> {
  const { days, people, processes, deployments, seed } = extent;
  const { lostShare = 0.04, isEnough = () => false, change = async (spec) => spec } = extent;
  const ledger = new Ledger({ days, people, processes: people * processes });
  const random = new Random(seed);
  await using world = await SimulatedStack.start({ change });
  const timeline = new Timeline({
    get now() {
      return world.now;
    },
    advanceTo: (time) => world.advanceTo(time),
  });
  const apps = await Promise.all(
    ["One", "Two"].map((name) => OAuthApp.register(world.origin, name)),
  );
  // A registration is in KV only, where it takes a minute to be seen everywhere.
  await world.advanceTo(world.now + 2 * minute);
  const end = world.now + days * day;
  const isOver = () => timeline.now >= end || isEnough(ledger.tally);
  const shared = { world, timeline, ledger, end, isOver };
  await timeline.run([
    ...Array.from({ length: people }, (_, index) => {
      const own = {
        ...shared,
        random: random.fork(),
        app: random.pick(apps),
        processes,
        lostShare,
      };
      return () => livePerson(index, own);
    }),
    () => deploy({ ...shared, random: random.fork(), count: deployments, change }),
    () => cleanUp(shared),
  ]);
  return ledger;
}

interface Shared {
  readonly world: SimulatedStack;
  readonly timeline: Timeline;
  readonly ledger: Ledger;
  /** Milliseconds since the epoch. */
  readonly end: number;
  readonly isOver: () => boolean;
}

/** One person: signs in once, asks something now and then, sleeps at night, is away for a while. */
async function livePerson(
  index: number,
  parts: Shared & {
    readonly random: Random;
    readonly app: OAuthApp;
    readonly processes: number;
    readonly lostShare: number;
  },
): Promise<void> {
  const { world, timeline, ledger, end, isOver, random, app, processes, lostShare } = parts;
  const person = new Person(`person-${index}@example.com`);
  const signIn = async (): Promise<StoredTokens> => {
    const authorization = app.begin({ scope: everyScope });
    const code = readCode(await person.authorize(authorization.url));
    const { status, body } = await app.redeem(code, authorization);
    if (status !== 200) throw new Error(`A login was answered ${status}: ${JSON.stringify(body)}`);
    return toTokens(body as Parameters<typeof toTokens>[0], timeline.now);
  };
  const store: TokenStore = { tokens: await signIn() };
  const personId = await readId(world.origin, store.tokens.accessToken);
  const windows = Array.from({ length: processes }, (_, number) => {
    const name = `process-${number}`;
    return new ClientProcess({
      ...{ world, timeline, ledger, store, personId, signIn, name, lostShare },
      random: random.fork(),
      clientId: app.clientId,
      email: person.email,
      place: `place-${random.whole(1, 5)}`,
      address: `192.0.2.${index + 1}`,
    });
  });
  // Some are away for days: shorter than a connection may lie idle.
  const holiday = timeline.now + random.between(0.3, 0.7) * (end - timeline.now);
  const back = random.happens(0.3) ? holiday + random.between(0.2, 0.4) * (end - holiday) : holiday;
  for (;;) {
    await timeline.sleep(random.between(0.2, 1.8) * usualGap);
    if (isOver()) return;
    const hourOfDay = new Date(timeline.now).getUTCHours();
    if (hourOfDay < morning || hourOfDay >= evening) continue;
    if (timeline.now > holiday && timeline.now < back) continue;
    const busy = windows.filter(() => random.happens(0.6));
    await timeline.together(busy.map((window) => () => window.act()));
  }
}

/** Deploys while calls are under way: other code, other keys, one class more. */
async function deploy({
  world,
  timeline,
  ledger,
  end,
  random,
  count,
  change,
}: Shared & {
  readonly random: Random;
  readonly count: number;
  readonly change: NonNullable<StackServerOptions["change"]>;
}): Promise<void> {
  const start = timeline.now;
  let classes = 0;
  for (let number = 1; number <= count; number++) {
    await timeline.sleepUntil(start + ((number - random.next()) / count) * (end - start));
    await timeline.sleepUntilOthers();
    const kind = (["code", "keys", "class"] as const)[number % 3];
    if (kind === "class") classes += 1;
    await world.deploy({
      change: async (spec, folder) => changeCode(await change(spec, folder), number, classes),
      ...(kind === "keys" && { settings: { keyGeneration: String(Math.ceil(number / 3)) } }),
    });
    ledger.count("deployments");
  }
}

/** The Worker's code with a comment and so many more classes. */
function changeCode(spec: WorkerSpec, number: number, classes: number): WorkerSpec {
  const added = Array.from({ length: classes }, (_, index) => `Added${index + 1}`);
  const code = [
    `// Deployment ${number}`,
    `import { DurableObject as AddedObject } from "cloudflare:workers";`,
    ...added.map((name) => `export class ${name} extends AddedObject {}`),
  ].join("\n");
  const change = (module: WorkerModule, index: number): WorkerModule =>
    index > 0 ? module : { ...module, contents: `${String(module.contents)}\n${code}\n` };
  return {
    ...spec,
    modules: spec.modules.map(change),
    bindings: [
      ...spec.bindings,
      ...added.map((className) => ({
        type: "durable_object_namespace" as const,
        name: className.toUpperCase(),
        className,
        uniqueKey: `${spec.name}-${className}`,
      })),
    ],
  };
}

/** The cron. At Cloudflare it comes every hour. */
async function cleanUp({ world, timeline, isOver }: Shared): Promise<void> {
  for (;;) {
    await timeline.sleep(4 * hour);
    if (isOver()) return;
    await world.runCron();
  }
}

async function readId(origin: string, accessToken: string): Promise<string> {
  const answer = await postMessage(`${origin}/mcp`, accessToken, toToolCall("whoami", {}));
  const text = await answer.text();
  const [, id] = /"structuredContent":\{"id":"([^"]+)"/.exec(text) ?? [];
  if (id === undefined) throw new Error(`whoami answered ${answer.status}: ${text}`);
  return id;
}
