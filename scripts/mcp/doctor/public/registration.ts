import * as z from "zod";
import { isLoopback } from "../../../../infra/loopback.ts";
import { findFreePort } from "../../../runtime/free-port.ts";
import { type Check, failed, notChecked, ok, warning } from "../check.ts";
import type { Examination } from "../examination.ts";
import { type Answer, look, readDocument } from "../look.ts";
import { toEndpointUrl } from "./resource-metadata.ts";

/** How doctor names itself to a server. */
export const clientName = "doctor (remote-mcp-server)";

/** The answer to a registration (RFC 7591 section 3.2.1, RFC 7592 section 3). */
const registered = z.looseObject({
  client_id: z.string().min(1),
  redirect_uris: z.array(z.string()).optional(),
  client_secret: z.string().optional(),
  client_secret_expires_at: z.number().optional(),
  registration_client_uri: z.url().optional(),
  registration_access_token: z.string().optional(),
});

/** A client that nobody knows registers itself, as Cursor, mcp-remote and others do. */
export const registration: Check = {
  id: "registration",
  title: "A client can register itself",
  runbook: "registration-refused",
  needs: ["authorization-server-metadata"],
  async run(examination) {
    const endpoint = findEndpoint(examination);
    if (endpoint === undefined) {
      return notChecked("The server takes no registration: a client needs another way to an id.");
    }
    const redirectUri = `http://127.0.0.1:${await findFreePort()}/callback`;
    const answer = await register(examination, endpoint, [redirectUri]);
    const { status, url } = answer;
    const refusal =
      "Take public clients with a redirect to this machine (RFC 7591): that is what clients register.";
    if (status === 429) {
      return failed(
        `${url} answers 429: too many registrations.`,
        "Try again later; if clients meet it too, raise the limit (registrationsPerDay).",
      );
    }
    if (status !== 201 && status !== 200) {
      return failed(`${url} answers ${status}: ${answer.text.slice(0, 200)}`, refusal);
    }
    const parsed = registered.safeParse(readDocument({ ...answer, status: 200 }));
    if (!parsed.success) return failed(`${url} answers ${status} without a client_id.`, refusal);
    const { client_id: clientId, redirect_uris = [redirectUri], ...rest } = parsed.data;
    const { client_secret: clientSecret, client_secret_expires_at: secretExpiresAt } = rest;
    leaveClient(examination, rest.registration_client_uri, rest.registration_access_token);
    if (!redirect_uris.includes(redirectUri)) {
      return failed(
        `The client ${clientId} was registered, with other redirects than it gave.`,
        "Keep the redirect URIs as they are: a client is sent back to exactly these.",
      );
    }
    examination.learned.client = {
      clientId,
      redirectUri,
      ...(clientSecret !== undefined && { clientSecret }),
      ...(secretExpiresAt !== undefined && { secretExpiresAt }),
    };
    const registeredAs = `Registered "${clientName}" as ${clientId}; ${describeEnd(rest)}.`;
    if (status === 201) return ok(registeredAs);
    return warning(`${registeredAs} The answer was 200.`, "Answer 201 (RFC 7591 section 3.2.1).");
  },
};

/** A redirect that a browser would run must never be taken. */
export const badRegistration: Check = {
  id: "bad-registration",
  title: "A registration with a dangerous redirect is refused",
  runbook: "redirect-uri",
  needs: ["registration"],
  async run(examination) {
    const endpoint = findEndpoint(examination) ?? "";
    const [script, plain] = await Promise.all([
      register(examination, endpoint, ["javascript:alert(1)"]),
      register(examination, endpoint, ["http://doctor.invalid/callback"]),
    ]);
    const remedy = "Refuse it with 400 and invalid_redirect_uri (RFC 7591 section 3.2.2).";
    if (script.status < 300) {
      return failed(
        `The server registered the redirect javascript:alert(1)${nameClient(script)}.`,
        remedy,
      );
    }
    if (plain.status < 300) {
      return warning(
        `The server registered a redirect by http to another machine${nameClient(plain)}.`,
        remedy,
      );
    }
    const other = [script, plain].find(({ status }) => status < 400 || status > 499);
    if (other === undefined) return ok(`Refused with ${script.status}.`);
    return warning(`The server answers ${other.status} to a dangerous redirect.`, remedy);
  },
};

/** The client that should not be there, so that somebody can remove it. */
function nameClient(answer: Answer): string {
  const parsed = registered.safeParse(readDocument({ ...answer, status: 200 }));
  return parsed.success ? `, as the client ${parsed.data.client_id}` : "";
}

function findEndpoint({ learned }: Examination): string | undefined {
  const { registration_endpoint: endpoint } = learned.serverMetadata ?? {};
  return typeof endpoint === "string" ? endpoint : undefined;
}

function register(
  examination: Examination,
  endpoint: string,
  redirectUris: readonly string[],
): Promise<Answer> {
  return look(examination, endpoint, {
    method: "POST",
    headers: { "content-type": "application/json", accept: "application/json" },
    body: JSON.stringify({
      client_name: clientName,
      redirect_uris: redirectUris,
      grant_types: ["authorization_code", "refresh_token"],
      response_types: ["code"],
      token_endpoint_auth_method: "none",
      application_type: "native",
    }),
  });
}

/** Removes the client at the end, if the server says how (RFC 7592 section 2.3). */
function leaveClient(examination: Examination, url?: string, token?: string): void {
  if (url === undefined || token === undefined) return;
  examination.leave.push(async () => {
    const headers = { authorization: `Bearer ${token}` };
    const { status } = await look(examination, url, { method: "DELETE", headers });
    if (status >= 400) throw new Error(`the server answers ${status} to removing the client`);
  });
}

function describeEnd(answer: Partial<z.infer<typeof registered>>): string {
  const { registration_client_uri, registration_access_token, client_secret_expires_at } = answer;
  if (registration_client_uri !== undefined && registration_access_token !== undefined) {
    return "it is removed at the end";
  }
  if (client_secret_expires_at) {
    return `its secret ends on ${new Date(client_secret_expires_at * 1000).toISOString().slice(0, 10)}`;
  }
  return "the server names no expiry (one of this project forgets it after 90 days without use)";
}

/** A document that is published for everybody, with a redirect to the person's machine. */
const published = "https://claude.ai/oauth/claude-code-client-metadata";

/** Claude Code's callback; the port is free (RFC 8252 section 7.3). */
const redirectUri = "http://localhost:8765/callback";

/** The server fetches a client's document and takes it for the client. */
export const metadataDocument: Check = {
  id: "cimd",
  title: "The server reads a client's metadata document",
  runbook: "metadata-document",
  needs: ["cimd-flag", "resource"],
  async run(examination) {
    const { learned, origin, endpoints } = examination;
    const { authorization_endpoint, client_id_metadata_document_supported } =
      learned.serverMetadata ?? {};
    if (client_id_metadata_document_supported !== true) {
      return notChecked("The server does not say that it reads metadata documents.");
    }
    if (isLoopback(origin)) {
      return notChecked(
        "A server on this machine may have no way to the Internet, where documents are.",
      );
    }
    const url = new URL(String(authorization_endpoint));
    const request = {
      response_type: "code",
      client_id: published,
      redirect_uri: redirectUri,
      state: "doctor",
      resource: toEndpointUrl(origin, endpoints.mcp),
      // RFC 7636, appendix B. Nobody redeems a code of it.
      code_challenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
      code_challenge_method: "S256",
    };
    for (const [name, value] of Object.entries(request)) url.searchParams.set(name, value);
    const { status, headers } = await look(examination, url);
    const remedy =
      "Let the server fetch https://claude.ai: on Workers with the flag global_fetch_strictly_public. Its log says why the document was refused.";
    if (status >= 400) {
      return failed(`The sign-in of ${published} is answered ${status}.`, remedy);
    }
    const back = headers.get("location");
    if (back?.startsWith(redirectUri)) {
      const error = new URL(back).searchParams.get("error") ?? "no error";
      return failed(`The sign-in of ${published} is sent back with ${error}.`, remedy);
    }
    return ok(`The sign-in of ${published} begins.`);
  },
};
