import type { Check } from "../check.ts";
import { cors, preflight } from "./browser.ts";
import { challengeAtMcp, challengeAtSse, invalidToken } from "./challenge.ts";
import { answers, dns, tls } from "./connection.ts";
import { clientUserAgents, discoveryLatency, gate, redirects } from "./front.ts";
import { hostPolicy, originPolicy, unknownWellKnown } from "./policies.ts";
import { badRegistration, metadataDocument, registration } from "./registration.ts";
import {
  exactResource,
  resourceMetadataAtRoot,
  resourceMetadataByPath,
} from "./resource-metadata.ts";
import { clientIds, issuerParameter, pkce, publicClients, scopes } from "./server-claims.ts";
import { authorizationServerMetadata, issuerEquality } from "./server-metadata.ts";
import { companyAssertions, machineClients, personalTokens } from "./without-sign-in.ts";

/** Checks of what anybody can see, in the order in which a client meets it. */
export const publicChecks: readonly Check[] = [
  dns,
  tls,
  answers,
  gate,
  redirects,
  clientUserAgents,
  unknownWellKnown,
  resourceMetadataByPath,
  resourceMetadataAtRoot,
  exactResource,
  authorizationServerMetadata,
  issuerEquality,
  pkce,
  publicClients,
  clientIds,
  issuerParameter,
  scopes,
  challengeAtMcp,
  challengeAtSse,
  invalidToken,
  personalTokens,
  cors,
  preflight,
  originPolicy,
  hostPolicy,
  metadataDocument,
  registration,
  badRegistration,
  machineClients,
  companyAssertions,
  discoveryLatency,
];
