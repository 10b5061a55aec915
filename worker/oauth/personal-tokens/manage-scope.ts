import { defineScopes } from "../../kit/define-scopes.ts";
import type { Features } from "../../kit/features.ts";

/**
 * Path at which a program makes, lists and ends a person's tokens. It is an OAuth resource of its own: no
 * token of an MCP endpoint works there, and nobody who connects a client to those is asked about it.
 */
export const managePath = "/personal-tokens";

export const manageScope = "personal-tokens";

/** How the consent page, and the list of what a person allowed, describe it. */
export const manageScopes = defineScopes({
  [manageScope]: {
    words:
      "Make tokens for you that may do anything you may do here, and that continue to work after you disconnect this app; list and end them",
    isBase: true,
  },
});

const manageFeatures: Features = {
  scopes: manageScopes,
  tools: [],
  resources: [],
  prompts: [],
  removedTools: {},
};

/** What an authorization request is about. @param resource as the OAuth library has checked it. */
export function featuresOf(features: Features, resource: unknown): Features {
  return String(resource).endsWith(managePath) ? manageFeatures : features;
}
