import type * as pulumi from "@pulumi/pulumi";
import * as cloudflare from "./cloudflare.ts";
import type { Settings } from "./settings.ts";

/**
 * Paths of the pages that people see. A path covers what lies beneath it as well; the pattern says so
 * if that is not believed. Everything else stays open, or no MCP client could connect.
 */
const protectedPaths = ["/authorize", "/authorize/*", "/connections", "/connections/*"];

export interface AccessParts {
  readonly accountId: string;
  readonly scriptName: string;
  readonly settings: Settings;
  /** Resources that must exist before any of it is touched. */
  readonly dependsOn: readonly pulumi.Resource[];
}

/**
 * Declares Cloudflare Access in front of the pages, if the stack has a domain of its own; on
 * workers.dev people set it up by hand and name its audience tag in `accessAudience`. Who gets past it
 * is signed in; who may use the server, the Worker asks again (`allowedEmails`, `allowedDomains`).
 * @returns the audience tag that the Worker is to believe, if people sign in with Access.
 */
export function createAccess(
  parent: pulumi.Resource,
  { accountId, scriptName, settings, dependsOn }: AccessParts,
): pulumi.Input<string> | undefined {
  const { identityMethod, customDomain, accessAudience } = settings;
  if (identityMethod !== "access") return undefined;
  if (customDomain === undefined) return accessAudience;
  const options = { parent, dependsOn: [...dependsOn] };
  const policy = new cloudflare.ZeroTrustAccessPolicy(
    "access-policy",
    {
      accountId,
      name: `${scriptName} people`,
      decision: "allow",
      includes: listPeople(settings),
      // The API shows empty lists, which a refresh would find changed.
      excludes: [],
      requires: [],
    },
    options,
  );
  const application = new cloudflare.ZeroTrustAccessApplication(
    "access",
    {
      accountId,
      name: scriptName,
      type: "self_hosted",
      destinations: protectedPaths.map((path) => ({
        type: "public",
        uri: `${customDomain}${path}`,
      })),
      policies: [{ id: policy.id, precedence: 1 }],
      appLauncherVisible: false,
      httpOnlyCookieAttribute: true,
    },
    options,
  );
  return application.aud;
}

/** Whom Access lets past: the allow-lists, or everybody who can sign in to the team. */
function listPeople({ allowedEmails, allowedDomains }: Settings) {
  const people = [
    ...allowedEmails.map((email) => ({ email: { email } })),
    ...allowedDomains.map((domain) => ({ emailDomain: { domain } })),
  ];
  return people.length > 0 ? people : [{ everyone: {} }];
}
