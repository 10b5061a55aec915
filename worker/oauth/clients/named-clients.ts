import { readBasicCredentials } from "./basic-credentials.ts";
import { readClaims } from "./read-claims.ts";

/** The ids in a token request, wherever a client can say who it is (RFC 6749 section 2.3.1, RFC 7523 section 3). */
export function listNamedClients(form: URLSearchParams, headers: Headers): string[] {
  const basic = readBasicCredentials(headers);
  return [
    ...form.getAll("client_id"),
    ...(typeof basic === "object" ? [basic.id] : []),
    ...form.getAll("client_assertion").flatMap(readAssertion),
  ];
}

/** An unreadable value is nobody's id; the library refuses it. */
function readAssertion(assertion: string): string[] {
  try {
    const { iss, sub } = readClaims(assertion);
    return [iss, sub].filter((id) => typeof id === "string");
  } catch {
    return [];
  }
}
