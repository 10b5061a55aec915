import { ownFeatures } from "../../worker/features.ts";
import { replaceMarkedPart, startDocument } from "./marked-part.ts";
import { describeOffer } from "./offer.ts";

/** The page that tells what this server offers, from the top of the checkout. It belongs to whoever's server it is. */
export const offerPath = "docs/server/tools.md";

const head = `# What this server offers

\`npm run docs\` writes the tables from [the catalogue of scopes](../../worker/scopes.ts) and the lists of tools, resources and
prompts. What you write around them stays. [How a tool is written](../tools.md).`;

/**
 * The page as it must be.
 * @param root top of the checkout. @param text as it is; undefined: there is none yet.
 * @throws Error if the markers of its generated part are gone.
 */
export function renewOfferPage(root: string, text = startDocument(head)): string {
  return replaceMarkedPart(root, offerPath, text, describeOffer(ownFeatures));
}
