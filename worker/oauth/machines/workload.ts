import type { WorkerSettings } from "../../env.ts";
import { findKeyAt } from "../assertions/key-set.ts";
import { refuseAssertion, TokenRefusal } from "../assertions/refusal.ts";
import { useOnce } from "../assertions/use-once.ts";
import { type Claims, verifyAssertion } from "../assertions/verify.ts";
import { readClaims } from "../clients/read-claims.ts";
import type { Authenticated, MachineRequest } from "./authenticate.ts";
import type { Workload } from "./settings.ts";

/** The most seconds for which a CI service's assertion about a run is valid. */
const longestLifetime = 3600;

/** A run of a CI service as a machine client. */
export interface AuthenticatedRun extends Authenticated {
  /** The claims of its service. */
  readonly claims: Claims;
}

/**
 * Finds out as which machine client a run may act, by its CI service's assertion (RFC 7523 section 2.1;
 * GitHub: "OpenID Connect reference"). `client_id` is needed only if it may act as several.
 * @throws TokenRefusal. UpstreamError "unavailable" if the service's keys cannot be fetched now.
 */
export async function authenticateRun(asked: MachineRequest): Promise<AuthenticatedRun> {
  const { request, form, env, settings } = asked;
  if (request.headers.has("authorization") || form.has("client_secret")) {
    const words = "A run proves who it is by its assertion alone. Send no secret beside it.";
    throw new TokenRefusal("invalid_request", "several_ways", words);
  }
  const assertion = form.get("assertion") ?? "";
  const issuer = readIssuer(assertion);
  const known = listWorkloads(settings).filter(({ rule }) => rule.issuer === issuer);
  const [first] = known;
  if (first === undefined) {
    const words =
      "This server trusts no such issuer. The setting machineClients names those it does.";
    throw new TokenRefusal("invalid_grant", "issuer_unknown", words);
  }
  try {
    const claims = await verifyAssertion(assertion, {
      key: findKeyAt(first.rule.keysUrl),
      issuer: first.rule.issuer,
      audiences: [settings.origin],
      types: ["", "jwt"],
      longestLifetime,
    });
    const { machine, rule } = choose(
      known.filter(({ rule }) => fits(rule, claims)),
      form.get("client_id"),
    );
    await useOnce(env, claims);
    return { machine, credential: { way: "workload", rule }, claims };
  } catch (error) {
    if (error instanceof TokenRefusal) throw error;
    return refuseAssertion("invalid_grant", error);
  }
}

/** Every rule that fits a run, with its client. */
export function listWorkloads({ machines = [] }: Pick<WorkerSettings, "machines">) {
  return machines.flatMap((machine) =>
    (machine.workloads ?? []).map((rule) => ({ machine, rule })),
  );
}

/**
 * Whether a rule fits a run. GitHub ignores the case of names. A branch means its own runs: a run for a pull request
 * names the branch that it would merge into, and anybody can start one.
 */
function fits(
  { repository, repositoryId, environment, branch }: Workload,
  claims: Claims,
): boolean {
  const said = String(claims.repository);
  const isOfBranch =
    claims.ref_type === "branch" &&
    claims.ref === `refs/heads/${branch}` &&
    !String(claims.event_name).startsWith("pull_request");
  return (
    said.toLowerCase() === repository.toLowerCase() &&
    (repositoryId === undefined || claims.repository_id === repositoryId) &&
    (environment === undefined || claims.environment === environment) &&
    (branch === undefined || isOfBranch)
  );
}

type Candidate = ReturnType<typeof listWorkloads>[number];

/** @throws TokenRefusal if none fits, or if several do and the request names none. */
function choose(fitting: readonly Candidate[], name: string | null): Candidate {
  const meant = fitting.filter(({ machine }) => name === null || machine.name === name);
  const names = [...new Set(meant.map(({ machine }) => machine.name))];
  const [one] = meant;
  if (one === undefined) {
    const words =
      "No machine client of this server is for such a run. Compare its repository, environment and branch with the setting machineClients.";
    throw new TokenRefusal("invalid_grant", "run_not_meant", words);
  }
  if (names.length > 1) {
    const words = `This run may act as several machine clients. Name one in client_id: ${names.join(", ")}.`;
    throw new TokenRefusal("invalid_request", "several_machines", words);
  }
  return one;
}

function readIssuer(assertion: string): unknown {
  try {
    return readClaims(assertion).iss;
  } catch {
    return undefined;
  }
}
