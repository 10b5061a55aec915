import { isLoopback } from "../../../../infra/loopback.ts";
import { type Check, failed, notChecked, ok } from "../check.ts";
import { look } from "../look.ts";
import { toEndpointUrl } from "./resource-metadata.ts";

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
