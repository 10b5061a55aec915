import type { WorkerEnv, WorkerSettings } from "../../env.ts";
import type { ScopeCatalogue } from "../../kit/define-scopes.ts";
import { findKeyAmong, findKeyAt } from "../assertions/key-set.ts";
import { readType } from "../assertions/read-type.ts";
import { refuseAssertion, TokenRefusal } from "../assertions/refusal.ts";
import { useOnce } from "../assertions/use-once.ts";
import { type KeyFinder, verifyAssertion } from "../assertions/verify.ts";
import { oauthPaths } from "../authorization-server.ts";
import { readBasicCredentials } from "../clients/basic-credentials.ts";
import { readClaims } from "../clients/read-claims.ts";
import type { Credential } from "./credential.ts";
import { findSecret } from "./secrets.ts";
import type { MachineClient } from "./settings.ts";

/** How a client says that it signs (RFC 7523 section 2.2). */
const assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/** Type of such an assertion that names itself (draft-ietf-oauth-rfc7523bis): it is for the issuer alone. */
const clientAssertion = "client-authentication+jwt";

/** The most seconds for which one is valid: the same as in the OAuth library for clients with a metadata document. */
const longestLifetime = 3600;

/** A token request that acts for no person. */
export interface MachineRequest {
  readonly request: Request;
  readonly form: URLSearchParams;
  readonly env: WorkerEnv;
  readonly settings: WorkerSettings;
  readonly scopes: ScopeCatalogue;
}

/** A machine client, and how it proved who it is. */
export interface Authenticated {
  readonly machine: MachineClient;
  readonly credential: Credential;
}

/**
 * Finds out which machine client asks: by its secret, in the header or in the body, or by what it signed. It
 * must use exactly one way (RFC 6749 section 2.3).
 * @throws TokenRefusal. UpstreamError "unavailable" if its keys cannot be fetched now.
 */
export async function authenticate(asked: MachineRequest): Promise<Authenticated> {
  const { request, form } = asked;
  const basic = readBasicCredentials(request.headers);
  const secret = form.get("client_secret");
  const assertion = form.get("client_assertion");
  const ways = [basic, secret ?? undefined, assertion ?? undefined].filter(
    (way) => way !== undefined,
  );
  if (ways.length > 1 || basic === "malformed") {
    const words =
      "Say who the client is in one way: Authorization, client_secret or client_assertion.";
    throw new TokenRefusal("invalid_request", "several_ways", words);
  }
  if (assertion !== null) return readSigned(asked, assertion);
  const { id, secret: given } = basic ?? { id: form.get("client_id") ?? "", secret: secret ?? "" };
  const machine = findMachine(asked, id);
  const digest = await findSecret(asked.env, id, given);
  if (machine !== undefined && digest !== undefined) {
    return { machine, credential: { way: "secret", digest } };
  }
  const words =
    "There is no such machine client, or its secret is wrong. Whoever runs this server finds both: npx pulumi stack output machineSecrets --show-secrets.";
  throw new TokenRefusal("invalid_client", machine ? "secret_wrong" : "machine_unknown", words);
}

/** @param assertion which the client signed about itself: `iss` and `sub` are its id. */
async function readSigned(asked: MachineRequest, assertion: string): Promise<Authenticated> {
  const { form, env, settings } = asked;
  if (form.get("client_assertion_type") !== assertionType) {
    const words = `client_assertion_type must be ${assertionType}.`;
    throw new TokenRefusal("invalid_request", "client_assertion_type", words);
  }
  const machine = findMachine(asked, readSubject(assertion));
  const isNamed = [undefined, machine?.name].includes(form.get("client_id") ?? undefined);
  const key = machine && findKey(machine);
  if (machine === undefined || !isNamed || key === undefined) {
    const words =
      "There is no such machine client, or it has no public key here. Its name is the assertion's sub, and its key is in the setting machineClients.";
    throw new TokenRefusal("invalid_client", machine ? "key_missing" : "machine_unknown", words);
  }
  const { origin } = settings;
  const type = readType(assertion);
  const audiences = [origin, ...(type === clientAssertion ? [] : [origin + oauthPaths.token])];
  const types = ["", "jwt", clientAssertion];
  try {
    const rules = { key, issuer: machine.name, audiences, types, longestLifetime };
    await useOnce(env, await verifyAssertion(assertion, rules));
  } catch (error) {
    refuseAssertion("invalid_client", error);
  }
  return { machine, credential: { way: "key" } };
}

function findMachine({ settings }: MachineRequest, name: string): MachineClient | undefined {
  return settings.machines?.find((machine) => machine.name === name);
}

function findKey({ keys, keysUrl }: MachineClient): KeyFinder | undefined {
  if (keys !== undefined) return findKeyAmong(keys);
  return keysUrl === undefined ? undefined : findKeyAt(keysUrl);
}

/** Whose assertion it says it is. An unreadable one is nobody's. */
function readSubject(assertion: string): string {
  try {
    return String(readClaims(assertion).sub);
  } catch {
    return "";
  }
}
