/**
 * Milliseconds that tests wait for what they started: times `PATIENCE`, else times 4 with the provider
 * that Pulumi publishes, which takes three to four times as long as its stand-in.
 * @throws Error for a factor that is none.
 */
export function withPatience(milliseconds: number): number {
  return milliseconds * readFactor(process.env);
}

function readFactor({ PATIENCE: given, CLOUDFLARE_PLUGIN: plugin }: NodeJS.ProcessEnv): number {
  if (given === undefined || given === "") return plugin === "real" ? 4 : 1;
  const factor = Number(given);
  if (factor >= 1 && Number.isFinite(factor)) return factor;
  throw new Error(`PATIENCE: "${given}" is no factor. It is a number from 1 on.`);
}
