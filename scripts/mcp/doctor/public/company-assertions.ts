import { type Check, failed, notChecked, ok } from "../check.ts";
import { look, readDocument, readList } from "../look.ts";

const grant = "urn:ietf:params:oauth:grant-type:jwt-bearer";
const profile = "urn:ietf:params:oauth:grant-profile:id-jag";

/** What nobody has signed, of a company that nobody has: its type is right, and nothing else. */
const assertion = [{ alg: "RS256", typ: "oauth-id-jag+jwt" }, { iss: "https://doctor.invalid" }]
  .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
  .concat("AAAA")
  .join(".");

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
    if (readList(serverMetadata?.grant_types_supported)?.includes(grant) !== true) {
      return failed(
        "authorization_grant_profiles_supported names id-jag, and grant_types_supported not its grant.",
        `Add ${grant} to grant_types_supported: a client looks at both.`,
      );
    }
    const answer = await look(examination, String(serverMetadata?.token_endpoint), {
      method: "POST",
      body: new URLSearchParams({ grant_type: grant, assertion, client_id: "doctor" }),
    });
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
