import { randomUUID } from "node:crypto";
import { type Check, failed, notChecked, ok, warning } from "../check.ts";
import type { Examination } from "../examination.ts";
import { type Answer, initialize, look, readDocument, readList } from "../look.ts";
import { readChallenge } from "./challenge.ts";

/** A personal token by its form, which nobody has given out. */
const noToken = `rmcp_${"0".repeat(36)}`;

const tokensDocument = "/.well-known/oauth-protected-resource/personal-tokens";

/** A program has a token because it has no browser: a login that it begins is one that nobody ends. */
export const personalTokens: Check = {
  id: "personal-tokens",
  title: "A personal token that does not count starts no sign-in",
  runbook: "personal-token-refused",
  needs: ["authorization-server-metadata", "invalid-token"],
  async run(examination) {
    if (typeof readDocument(await look(examination, tokensDocument)) === "string") {
      return notChecked("This server has no personal tokens (setting personalTokens).");
    }
    const message = initialize({ authorization: `Bearer ${noToken}` });
    const answer = await look(examination, examination.endpoints.mcp, message);
    if (answer.status !== 401) {
      return failed(
        `${answer.url} answers ${answer.status} to a personal token that nobody has given out.`,
        'Answer 401 with error="invalid_token" (RFC 6750 section 3.1).',
      );
    }
    if (readChallenge(answer.headers)?.resource_metadata === undefined) {
      return ok("401, and no address at which a client would sign in.");
    }
    return warning(
      `${answer.url} names resource_metadata to a client that sent a personal token.`,
      "Leave it out: a client that reads it registers itself and waits for a browser.",
    );
  },
};

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
  title: "Only a machine client gets a token as one",
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
  const claims = { iss: `https://${stranger}.invalid`, sub: stranger, jti: stranger };
  const assertion = writeToken({ alg: "none", typ: "JWT" }, claims, "");
  return ask(examination, { grant_type: jwtBearer, assertion });
}

/** A JWT as text (RFC 7519 section 3). @param signature in base64url. */
function writeToken(header: object, claims: object, signature: string): string {
  const parts = [header, claims].map((part) =>
    Buffer.from(JSON.stringify(part)).toString("base64url"),
  );
  return [...parts, signature].join(".");
}

function ask(
  examination: Examination,
  form: Readonly<Record<string, string>>,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const endpoint = String(examination.learned.serverMetadata?.token_endpoint);
  return look(examination, endpoint, { method: "POST", headers, body: new URLSearchParams(form) });
}

const profile = "urn:ietf:params:oauth:grant-profile:id-jag";

/** An assertion that nobody signed, from a company that does not exist: only its type is right. */
const unsigned = writeToken(
  { alg: "RS256", typ: "oauth-id-jag+jwt" },
  { iss: "https://doctor.invalid" },
  "AAAA",
);

/** A company's client looks here before it lets its people in without a page (MCP extension `enterprise-managed-authorization`). */
export const companyAssertions: Check = {
  id: "company-assertions",
  title: "A company's assertion is taken as announced, and nobody's is not",
  runbook: "assertion-refused",
  needs: ["authorization-server-metadata", "machine-clients"],
  async run(examination) {
    const { serverMetadata } = examination.learned;
    const profiles = readList(serverMetadata?.authorization_grant_profiles_supported) ?? [];
    if (!profiles.includes(profile)) {
      return notChecked("This server takes no company's assertions (setting enterpriseIssuers).");
    }
    if (readList(serverMetadata?.grant_types_supported)?.includes(jwtBearer) !== true) {
      return failed(
        "authorization_grant_profiles_supported names id-jag, and grant_types_supported not its grant.",
        `Add ${jwtBearer} to grant_types_supported: a client looks at both.`,
      );
    }
    const form = { grant_type: jwtBearer, assertion: unsigned, client_id: "doctor" };
    const answer = await ask(examination, form);
    if (answer.status < 300) {
      return failed(
        `${answer.url} gives a token for an assertion that nobody has signed.`,
        "Turn assertions off (enterpriseIssuers) until its signature is checked.",
      );
    }
    if (answer.status >= 500) return notChecked(`${answer.url} answers ${answer.status}.`);
    const read = readDocument({ ...answer, status: 200 });
    const error = typeof read === "string" ? undefined : read.error;
    if (error === "invalid_grant" || error === "invalid_client") {
      return ok(`Announced, and one that nobody has signed is refused (${error}).`);
    }
    return failed(
      `${answer.url} answers ${answer.status} (${error ?? "no error of OAuth"}) to an assertion of an unknown company.`,
      "Answer 400 with invalid_grant (RFC 7523 section 3.1), or take the profile out of the metadata.",
    );
  },
};
