import { refuseClient } from "../clients/refuse-client.ts";
import { readType } from "./read-type.ts";

/** Type of an assertion by which a company signs a person in (ID-JAG, MCP's enterprise-managed authorization). */
export const idJagType = "oauth-id-jag+jwt";

/** Answers a token request. */
type Answer = () => Response | Promise<Response>;

/** Who answers which kind of assertion; left out if the settings accept none of it. */
export interface AssertionAnswers {
  /** A company's, for a person. */
  readonly company?: Answer | undefined;
  /** A workload's own identity, for no person. */
  readonly workload?: Answer | undefined;
}

/**
 * Answers a token request that has an assertion instead of a code. The two kinds come with the same grant
 * type and are told apart by the type of the JWT: neither is ever read as the other.
 * @returns undefined if neither is accepted here: then there is no such grant.
 */
export function answerAssertion(
  request: Request,
  form: URLSearchParams,
  { company, workload }: AssertionAnswers,
): Response | Promise<Response> | undefined {
  if (company === undefined && workload === undefined) return undefined;
  const [assertion, ...others] = form.getAll("assertion");
  const type = readType(assertion ?? "");
  if (type === undefined || others.length > 0) {
    const description = "The parameter assertion must come once, and be a signed JWT.";
    return refuseClient(request, { status: 400, error: "invalid_request", description });
  }
  const answer = type === idJagType ? company : workload;
  if (answer !== undefined) return answer();
  const description = `This server takes no assertion of the type "${type}".`;
  return refuseClient(request, { status: 400, error: "invalid_grant", description });
}
