import { randomUUID } from "node:crypto";
import { type Check, failed, ok, warning } from "../check.ts";
import type { Examination } from "../examination.ts";
import { type Answer, look, readList } from "../look.ts";

const clientCredentials = "client_credentials";
const jwtBearer = "urn:ietf:params:oauth:grant-type:jwt-bearer";

/** Ways in which a client without a person can say who it is. */
const methods = ["client_secret_basic", "client_secret_post", "private_key_jwt"];

/**
 * Clients without a person ask the token endpoint directly (MCP extension `oauth-client-credentials`), so it
 * alone keeps strangers out.
 */
export const machineClients: Check = {
  id: "machine-clients",
  title: "Nobody gets a token as a machine client who is none",
  runbook: "machine-refused",
  needs: ["authorization-server-metadata"],
  async run(examination) {
    const { serverMetadata } = examination.learned;
    const named = readList(serverMetadata?.grant_types_supported) ?? [];
    const stranger = `doctor-${randomUUID().slice(0, 8)}`;
    const asked = new Map<string, Answer>([
      [clientCredentials, await askWithSecret(examination, stranger)],
      [jwtBearer, await askWithAssertion(examination, stranger)],
    ]);
    for (const [grant, { url, status, text }] of asked) {
      if (status < 300) {
        return failed(
          `${url} answers ${status} to a stranger's ${grant}.`,
          "Give a token only to a client that proved who it is (RFC 6749 section 4.4).",
        );
      }
      if (named.includes(grant) && text.includes("unsupported_grant_type")) {
        return failed(
          `The document names the grant ${grant}, and ${url} answers that there is none.`,
          "Take it out of grant_types_supported, or serve it: clients choose by that list.",
        );
      }
      if (status < 500) continue;
      return warning(
        `${url} answers ${status} to a stranger's ${grant}.`,
        "Refuse it with 400 or 401: the log says what fails.",
      );
    }
    const known = readList(serverMetadata?.token_endpoint_auth_methods_supported) ?? methods;
    if (named.includes(clientCredentials) && !methods.some((method) => known.includes(method))) {
      return failed(
        `The document names ${clientCredentials}, and of token_endpoint_auth_methods_supported only ${known.join(", ")}.`,
        `Name there how such a client says who it is: ${methods.join(", ")}.`,
      );
    }
    const grants = named.filter((grant) => asked.has(grant));
    return ok(`A stranger is refused. Announced: ${grants.join(", ") || "no such grant"}.`);
  },
};

function askWithSecret(examination: Examination, stranger: string): Promise<Answer> {
  const basic = Buffer.from(`${stranger}:${stranger}`).toString("base64");
  return ask(examination, { grant_type: clientCredentials }, { authorization: `Basic ${basic}` });
}

/** With an assertion that nobody signed. */
function askWithAssertion(examination: Examination, stranger: string): Promise<Answer> {
  const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString("base64url");
  const claims = { iss: `https://${stranger}.invalid`, sub: stranger, jti: stranger };
  const assertion = `${encode({ alg: "none", typ: "JWT" })}.${encode(claims)}.`;
  return ask(examination, { grant_type: jwtBearer, assertion });
}

function ask(
  examination: Examination,
  form: Readonly<Record<string, string>>,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const endpoint = String(examination.learned.serverMetadata?.token_endpoint);
  return look(examination, endpoint, { method: "POST", headers, body: new URLSearchParams(form) });
}
