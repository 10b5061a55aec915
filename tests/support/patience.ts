import { availableParallelism, loadavg } from "node:os";

/** How long tests wait, in milliseconds. Limits bound what hangs and say nothing about speed. */
interface Limits {
  /** For one thing: a line of a program, an end, a condition. */
  readonly patience: number;
  /** For a test that waits for a few such things. Longer than one: what it started then ends with it. */
  readonly testTime: number;
  /** For a test that deploys, again and again. */
  readonly storyTime: number;
}

/**
 * The one place where it is said how long tests wait. With sixteen processes on two cores everything takes ten
 * times as long, and is right all the same.
 */
export function readLimits(environment: NodeJS.ProcessEnv): Limits {
  const patience = 180_000 * readFactor(environment);
  return { patience, testTime: 2 * patience, storyTime: 5 * patience };
}

/**
 * How many times longer tests wait: `PATIENCE`, else 4 with the provider that Pulumi publishes, which takes
 * three to four times as long as its stand-in.
 * @throws Error for a factor that is none.
 */
function readFactor({ PATIENCE: given, CLOUDFLARE_PLUGIN: plugin }: NodeJS.ProcessEnv): number {
  if (given === undefined || given === "") return plugin === "real" ? 4 : 1;
  const factor = Number(given);
  if (factor >= 1 && Number.isFinite(factor)) return factor;
  throw new Error(`PATIENCE: "${given}" is not a factor. It must be a number from 1 up.`);
}

/** Times that a busy machine takes longer than an idle one, now: 1 to 20. */
export function readSlowness(): number {
  const [load = 0] = loadavg();
  return Math.min(Math.max(1, (2 * load) / availableParallelism()), 20);
}

/** Those of this run. */
export const { patience, testTime, storyTime } = readLimits(process.env);
