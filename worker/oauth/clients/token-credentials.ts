import { dropEmpty } from "../empty-parameters.ts";
import {
  type BasicCredentials,
  readBasicCredentials,
  writeBasicCredentials,
} from "./basic-credentials.ts";
import { refuseClient } from "./refuse-client.ts";

/** Answers a token or revocation request. @param request whose body was read. @param form what it was. */
type Answer = (request: Request, form: URLSearchParams) => Response | Promise<Response>;

/** The header of a 401 for a client that used the `Authorization` header (RFC 6749 section 5.2). */
const challenge = 'Basic realm="OAuth"';

/**
 * Reads a client's credentials before the OAuth library does, which is stricter than RFC 6749:
 *
 * - A parameter without a value does not count (section 3.2).
 * - `client_id` beside HTTP Basic is an identifier, not a second method (sections 2.3 and 3.2.1): the
 *   Python SDK sends both (python-sdk#3138). It must name the same client. A second secret stays
 *   refused, by the library.
 * - HTTP Basic with an empty secret only names the client, as `client_id` in the body does. The C# SDK
 *   sends it for a client without a secret if Basic is the first method of the metadata
 *   (csharp-sdk#1612). The RFC does not mention this. It is accepted because it proves nothing:
 *   the library treats it as no authentication at all, and refuses it for every client that has a secret or a key.
 *
 * The library gets a rewritten header, so that it reads the same client as this code.
 */
export function readCredentials(answer: Answer): Answer {
  return async (request, sent) => {
    if (request.method !== "POST") return answer(request, sent);
    const form = dropEmpty(sent);
    const basic = readBasicCredentials(request.headers);
    if (basic === "malformed") return challenged(refuseMalformed(request));
    const named = form.getAll("client_id");
    if (basic !== undefined && named.length === 1) {
      if (named[0] !== basic.id) return refuseTwoClients(request);
      form.delete("client_id");
    }
    if (basic !== undefined && onlyNames(basic, form)) {
      form.set("client_id", basic.id);
      return challenged(await answer(withAuthorization(request, undefined), form));
    }
    if (basic === undefined) return answer(request, form);
    return answer(withAuthorization(request, writeBasicCredentials(basic)), form);
  };
}

/** The same request with another header, and without its body, which was read. */
function withAuthorization(
  { url, method, headers, signal }: Request,
  authorization: string | undefined,
): Request {
  const changed = new Request(url, { method, headers, signal });
  if (authorization === undefined) changed.headers.delete("authorization");
  else changed.headers.set("authorization", authorization);
  return changed;
}

/** Whether the header is all that the client says of itself, and proves nothing. */
function onlyNames({ id, secret }: BasicCredentials, form: URLSearchParams): boolean {
  const proofs = ["client_id", "client_secret", "client_assertion", "client_assertion_type"];
  return id !== "" && secret === "" && !proofs.some((name) => form.has(name));
}

/** For a client that tried to authenticate and failed, whatever else it sent (section 5.2). */
function refuseMalformed(request: Request): Response {
  return refuseClient(request, {
    status: 401,
    error: "invalid_client",
    description:
      "The Authorization header holds invalid Basic credentials. Send base64 of the client's id and secret, each form-encoded, with a colon between.",
  });
}

function refuseTwoClients(request: Request): Response {
  return refuseClient(request, {
    status: 400,
    error: "invalid_request",
    description:
      "The Authorization header names one client and client_id another. Name the same in both, or leave client_id out.",
  });
}

function challenged(response: Response): Response {
  if (response.status !== 401) return response;
  const headers = new Headers(response.headers);
  headers.set("www-authenticate", challenge);
  return new Response(response.body, { status: response.status, headers });
}
