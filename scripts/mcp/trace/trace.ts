import { join } from "node:path";
import * as z from "zod";
import { bundlePath, toMapPath } from "../../../infra/bundle.ts";
import { UserError } from "../../errors.ts";
import { BundleMap, hasPlace } from "../../runtime/source-map.ts";
import { readStackOutputs } from "../stack/outputs.ts";
import { explainUnseen, Properties } from "../stack/properties.ts";

/** What a stack runs. */
export interface DeployedBundle {
  readonly stack: string;
  /** Of its bundle, in hex. */
  readonly sha256: string;
}

/** Where the map is, and what it has to be of. */
export interface TraceParts {
  /** Root of the checkout. */
  readonly root: string;
  /** Default: nobody knows, and the map at hand is used. */
  readonly deployed?: DeployedBundle | undefined;
}

/** @throws UserError for a stack that is not there or not deployed. */
export async function findDeployedBundle(stack: string): Promise<DeployedBundle> {
  const bundle = z.object({ sha256: z.string() });
  const seen = new Properties(await readStackOutputs(stack)).read("bundle", bundle);
  if ("value" in seen) return { stack, sha256: seen.value.sha256 };
  throw new UserError(
    seen.unseen === "missing"
      ? `--stack: ${stack} is not deployed, so no log is of it. Leave --stack out to use the map of the last build.`
      : `--stack: the output bundle of ${stack} cannot be read: ${explainUnseen(seen.unseen)}. Leave --stack out to use the map of the last build.`,
  );
}

/**
 * Puts places in the sources where a text has them in the bundle.
 * @throws UserError for a text without any, and where no map is at hand or one of another bundle: its places would
 *   be wrong, and look right.
 */
export function trace(
  text: string,
  { root, deployed }: TraceParts,
): { readonly traced: string; readonly map: BundleMap } {
  if (!hasPlace(text)) {
    throw new UserError(
      "The text names no place in a bundle, such as worker.js:1:48210. Give the `stack` of a line of the log.",
    );
  }
  const file = join(root, bundlePath);
  const map = BundleMap.read(file);
  const build = `\`npx pulumi preview -s ${deployed?.stack ?? "<stack>"}\``;
  const advice = `Check out the commit that was deployed, run ${build}, which builds the same bundle and its map, and call this again.`;
  if (map === undefined) {
    throw new UserError(`No source map at hand: ${toMapPath(bundlePath)} is missing. ${advice}`);
  }
  if (deployed !== undefined && map.owner !== deployed.sha256) {
    throw new UserError(
      `The source map at hand is of another bundle (${shorten(map.owner)}) than ${deployed.stack} runs (${shorten(deployed.sha256)}), and would name wrong lines. ${advice}`,
    );
  }
  return { traced: map.translate(text, root), map };
}

/** What a person has to know who named no stack. */
export function describeMap({ owner }: BundleMap): string {
  return `Read with the map of the last build (bundle ${shorten(owner)}). Whether that is what was deployed, --stack <name> checks.`;
}

function shorten(sha256: string | undefined): string {
  return sha256?.slice(0, 12) ?? "unknown";
}
