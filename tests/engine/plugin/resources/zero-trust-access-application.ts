import { defineJsonResource } from "../json-resource.ts";
import { isValues, type Values } from "../values.ts";

/** Where an application lives. */
function readScope({ accountId = null, zoneId = null }: Values): Values {
  return accountId === null
    ? { scope: "zones", scopeId: zoneId }
    : { scope: "accounts", scopeId: accountId };
}

/** Not in the recorded traffic: from the sources of the provider. */
export const zeroTrustAccessApplication = defineJsonResource({
  inputs: {
    accountId: { inPath: true, replaces: true },
    zoneId: { inPath: true, replaces: true },
    name: { isComputed: true },
    type: { isComputed: true },
    domain: { isComputed: true },
    allowAuthenticateViaWarp: {},
    allowIframe: {},
    allowedIdps: { isSet: true },
    appLauncherLogoUrl: {},
    appLauncherVisible: { isComputed: true },
    autoRedirectToIdentity: { isComputed: true },
    bgColor: {},
    corsHeaders: {},
    customDenyMessage: {},
    customDenyUrl: {},
    customNonIdentityDenyUrl: {},
    customPages: {},
    destinations: { isComputed: true },
    enableBindingCookie: { isComputed: true },
    footerLinks: {},
    headerBgColor: {},
    httpOnlyCookieAttribute: { isComputed: true },
    landingPageDesign: {},
    logoUrl: {},
    mfaConfig: {},
    oauthConfiguration: {},
    optionsPreflightBypass: { isComputed: true },
    pathCookieAttribute: { isComputed: true },
    policies: { isComputed: true },
    readServiceTokensFromHeader: {},
    saasApp: { isSecret: (value) => isValues(value) && "clientSecret" in value },
    sameSiteCookieAttribute: {},
    scimConfig: {},
    selfHostedDomains: { isComputed: true, isSet: true },
    serviceAuth401Redirect: {},
    sessionDuration: { isComputed: true },
    skipAppLauncherLoginPage: { isComputed: true },
    skipInterstitial: {},
    tags: { isSet: true },
    targetCriterias: {},
  },
  outputs: ["aud"],
  stableOutputs: ["aud"],
  calls: {
    create: "POST /{scope}/{scopeId}/access/apps",
    read: "GET /{scope}/{scopeId}/access/apps/{id}",
    update: "PUT /{scope}/{scopeId}/access/apps/{id}",
    delete: "DELETE /{scope}/{scopeId}/access/apps/{id}",
  },
  id: "id",
  importId: ["scope", "scopeId", "id"],
  wireNames: { targetCriterias: "target_criteria" },
  address: readScope,
  fromImportId: ({ scope, scopeId = null, ...rest }) => ({
    ...rest,
    [scope === "accounts" ? "accountId" : "zoneId"]: scopeId,
  }),
});
