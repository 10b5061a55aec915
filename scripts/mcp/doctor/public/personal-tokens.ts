import { type Check, failed, notChecked, ok, warning } from "../check.ts";
import { look, readDocument } from "../look.ts";
import { readChallenge } from "./challenge.ts";
import { initialize } from "./first-message.ts";

/** A personal token by its form, which nobody has given out. */
const noToken = `rmcp_${"0".repeat(36)}`;

const document = "/.well-known/oauth-protected-resource/personal-tokens";

/** A program has a token because it has no browser: a login that it begins is one that nobody ends. */
export const personalTokens: Check = {
  id: "personal-tokens",
  title: "A personal token that does not count starts no sign-in",
  runbook: "personal-token-refused",
  needs: ["authorization-server-metadata", "invalid-token"],
  async run(examination) {
    if (typeof readDocument(await look(examination, document)) === "string") {
      return notChecked("This server has no personal tokens (setting personalTokens).");
    }
    const message = initialize();
    const headers = { ...message.headers, authorization: `Bearer ${noToken}` };
    const { mcp } = examination.endpoints;
    const answer = await look(examination, mcp, { ...message, headers });
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
