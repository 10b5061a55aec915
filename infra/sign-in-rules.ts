import type * as z from "zod";
import type { SecretDeclaration } from "../worker/identity/declaration.ts";
import { methods } from "../worker/identity/index.ts";
import { type Declaration, declarations, findDeclaration } from "./method-settings.ts";
import { tellHowToSet } from "./secret-source.ts";
import type { SecretName, SettingName, Settings } from "./settings.ts";

/** Whether people are sent to another server to sign in, which has to know this one's redirect URI. */
export function signsInElsewhere({ identityMethod }: Pick<Settings, "identityMethod">): boolean {
  return methods[identityMethod].method.kind === "redirect";
}

/**
 * Whether the program makes the demo's password itself: anybody on the Internet who finds a preview
 * would be let in without one.
 */
export function needsDemoPassword(
  { environment, identityMethod }: Pick<Settings, "environment" | "identityMethod">,
  secrets: readonly SecretName[],
): boolean {
  const isOpen = environment === "preview" && identityMethod === "demo";
  return isOpen && !secrets.includes("demoPassword");
}

/** Every rule on how people sign in, and who may, that a stack breaks, each with the way out. */
export function checkSignIn(settings: Settings, secrets: readonly SecretName[]): string[] {
  return [
    ...checkIdentityMethod(settings),
    ...checkMethodOptions(settings, secrets),
    ...checkAccess(settings),
    ...checkAllowed(settings),
  ];
}

function checkIdentityMethod({ environment, identityMethod }: Settings): string[] {
  const problems: string[] = [];
  if (environment === "production" && findDeclaration(identityMethod).isOpen) {
    problems.push(
      `identityMethod: "${identityMethod}" signs anybody in, which a production stack must not. Choose another method, or set environment to development.`,
    );
  }
  return problems;
}

/** Lists settings that the identity method lacks, and settings that belong to another one. */
function checkMethodOptions(settings: Settings, secrets: readonly SecretName[]): string[] {
  const { environment, identityMethod } = settings;
  const isSet = (name: string) =>
    secrets.includes(name as SecretName) || settings[name as SettingName] !== undefined;
  const missing = listNeeds(findDeclaration(identityMethod))
    .filter(({ name }) => !isSet(name))
    .map(
      ({ name, isSecret }) =>
        `${name}: the identity method "${identityMethod}" needs it. Set it with ${isSecret ? tellHowToSet(name, environment) : `\`npx pulumi config set -s <stack> ${name}\``}.`,
    );
  const foreign = declarations
    .filter((other) => other.name !== identityMethod)
    // A secret that nothing reads does no harm, and .dev/secrets.yaml is for every stack.
    .flatMap((other) => Object.keys(other.settings).map((name) => ({ method: other.name, name })))
    .filter(({ name }) => settings[name as SettingName] !== undefined)
    .map(
      ({ method, name }) =>
        `${name}: it belongs to the identity method "${method}", and this stack has "${identityMethod}". Remove it, or change identityMethod.`,
    );
  return [...missing, ...foreign];
}

function listNeeds({ settings, secrets }: Declaration): { name: string; isSecret: boolean }[] {
  const plain = Object.entries<z.ZodType>(settings).filter(([, field]) => !field.isOptional());
  const secret = Object.entries<SecretDeclaration>(secrets).filter(([, { isNeeded }]) => isNeeded);
  return [
    ...plain.map(([name]) => ({ name, isSecret: false })),
    ...secret.map(([name]) => ({ name, isSecret: true })),
  ];
}

function checkAccess({
  identityMethod,
  accessTeamDomain,
  accessAudience,
  customDomain,
}: Settings): string[] {
  if (identityMethod !== "access") {
    if (accessAudience === undefined) return [];
    return [
      `accessAudience: it belongs to the identity method "access", and this stack has "${identityMethod}". Remove it, or change identityMethod.`,
    ];
  }
  const problems: string[] = [];
  if (accessTeamDomain !== undefined && !accessTeamDomain.endsWith(".cloudflareaccess.com")) {
    problems.push(
      `accessTeamDomain: "${accessTeamDomain}" is not a Cloudflare Access team domain. It must end with .cloudflareaccess.com; Zero Trust shows it under Settings. Example: acme.cloudflareaccess.com`,
    );
  }
  if (customDomain === undefined && accessAudience === undefined) {
    problems.push(
      "accessAudience: only on a custom domain can this stack make the Access application itself. Set customDomain and zone; or make a self-hosted application in Zero Trust for the paths authorize, authorize/*, connections and connections/* of the Worker's host and no others, and set its Application Audience (AUD) Tag with `npx pulumi config set -s <stack> accessAudience <tag>`. docs/identity.md has the steps.",
    );
  }
  if (customDomain !== undefined && accessAudience !== undefined) {
    problems.push(
      "accessAudience: on a custom domain this stack makes the Access application itself and knows its tag. Remove it.",
    );
  }
  return problems;
}

function checkAllowed(settings: Settings): string[] {
  const { identityMethod, allowedEmails, allowedDomains, allowedOrganizations } = settings;
  const problems: string[] = [];
  for (const [name, list] of Object.entries({ allowedEmails, allowedDomains })) {
    if (findDeclaration(identityMethod).isOpen && list.length > 0) {
      problems.push(
        `${name}: "${identityMethod}" verifies no address, so it would let nobody in. Remove it, or choose another identityMethod.`,
      );
    }
  }
  if (!findDeclaration(identityMethod).knowsOrganizations && allowedOrganizations.length > 0) {
    const able = declarations.filter(({ knowsOrganizations }) => knowsOrganizations);
    const names = able.map(({ name }) => `"${name}"`).join(" or ");
    problems.push(
      `allowedOrganizations: only the identity method ${names} knows organisations, and this stack has "${identityMethod}". Remove it.`,
    );
  }
  const wrong = allowedOrganizations.find((entry) => !/^[\w.-]+(\/[\w.-]+)?$/.test(entry));
  if (wrong !== undefined) {
    problems.push(
      `allowedOrganizations: "${wrong}" must be an organisation, or an organisation and the short name of a team. Example: acme/platform`,
    );
  }
  return problems;
}
