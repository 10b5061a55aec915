import { join } from "node:path";
import * as z from "zod";
import { bundleFolder } from "../../../infra/bundle.ts";
import { UserError } from "../../errors.ts";
import { BundleMap, findMap, hasPlace, listMaps } from "../../runtime/source-map.ts";
import { readStackOutputs } from "../stack/outputs.ts";
import { explainUnseen, Properties } from "../stack/properties.ts";

export interface DeployedBundle {
  readonly stack: string;
  /** Of its bundle, in hex. */
  readonly sha256: string;
}

/** Where the map is, and what it has to be of. */
export interface TraceParts {
  /** Root of the checkout. */
  readonly root: string;
  /** Default: nobody knows, and the newest map is used. */
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
 * @throws UserError for a text without any, and if no map is at hand of what is deployed: another's places would
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
  const maps = listMaps(join(root, bundleFolder));
  const [newest] = maps.toSorted((one, other) => other.written - one.written);
  const map =
    deployed === undefined ? newest && BundleMap.read(newest.path) : findMap(maps, deployed.sha256);
  if (map === undefined) {
    const missing =
      deployed === undefined || newest === undefined
        ? `No source map at hand: ${bundleFolder} has none.`
        : `No source map at hand is of the bundle that ${deployed.stack} runs (${shorten(deployed.sha256)}), and another's would name wrong lines.`;
    const build = `\`npx pulumi preview -s ${deployed?.stack ?? "<stack>"}\``;
    throw new UserError(
      `${missing} Check out the commit that was deployed, run ${build}, which builds the same bundle and its map, and call this again.`,
    );
  }
  return { traced: map.translate(text, root), map };
}

/** Says which bundle the map is of, for a person who named no stack. */
export function describeMap({ owner }: BundleMap): string {
  return `Read with the map of the last build (bundle ${shorten(owner)}). Whether that is what was deployed, --stack <name> checks.`;
}

function shorten(sha256: string | undefined): string {
  return sha256?.slice(0, 12) ?? "unknown";
}
