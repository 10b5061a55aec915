import { type Check, failed, notChecked, ok, warning } from "../check.ts";
import type { Examination } from "../examination.ts";
import { connect, openStream } from "./clients.ts";
import { explainOAuthError, readMcpError } from "./explain.ts";
import { redeemCode } from "./login.ts";
import { Outcome } from "./outcome.ts";
import { findResource } from "./parties.ts";
import { explainMissingLogin, type Signer } from "./sign-in/index.ts";
import { stateOf, timed } from "./state.ts";

/** The transport of 2024-11-05, which many have in their configuration. */
export function createSseChecks(signer: Signer): readonly Check[] {
  return [checkSseSignIn(signer), checkStream, checkMessage];
}

function checkSseSignIn(signer: Signer): Check {
  return {
    id: "sse-sign-in",
    timeLimit: signer.timeLimit,
    title: "A sign-in for the endpoint of HTTP+SSE gives its token",
    runbook: "authorized-but-error",
    async run(examination) {
      const { mcp } = examination.endpoints;
      const sse = readSsePath(examination);
      const state = stateOf(examination);
      if (findResource(examination, mcp) === findResource(examination, sse)) {
        const { tokens } = examination.learned;
        if (tokens === undefined) throw explainMissingLogin(examination);
        state.sseLogin = state.login ?? { resource: findResource(examination, sse), tokens };
        return ok(`${sse} takes the token of ${mcp}.`);
      }
      // Where nobody could sign in at all, that has its line already.
      if (state.login === undefined) throw explainMissingLogin(examination);
      try {
        const { login } = await redeemCode(examination, await signer.signIn(examination, sse));
        state.sseLogin = login;
        return ok(`A token for ${login.resource}.`);
      } catch (error) {
        const said = explainOAuthError(error);
        if (said === undefined) throw error;
        return failed(
          `The sign-in for ${sse} gave no token: ${said}.`,
          "Let the authorization server know both endpoints as resources, and look for the refusal in the log (npx wrangler tail).",
        );
      }
    },
  };
}

const checkStream: Check = {
  id: "sse-stream",
  title: "HTTP+SSE opens its stream and says where messages go",
  runbook: "stream-ends",
  needs: ["sse-sign-in"],
  async run(examination) {
    try {
      await timed(examination, "SSE stream", () =>
        openStream(examination, readSseTarget(examination)),
      );
      return ok("The stream opens with an endpoint event.");
    } catch (error) {
      if (error instanceof Outcome) throw error;
      return failed(
        `The stream did not open: ${readMcpError(error).text}.`,
        "Let what stands in front of the server pass text/event-stream on as it comes, unbuffered.",
      );
    }
  },
};

const checkMessage: Check = {
  id: "sse-message",
  title: "A message that is posted is answered on the stream of HTTP+SSE",
  runbook: "session-not-found",
  needs: ["sse-stream"],
  async run(examination) {
    const state = stateOf(examination);
    try {
      await using client = await connect(examination, "sse", readSseTarget(examination));
      const tools = await client.listTools();
      state.tools ??= tools;
      if (tools.length > 0) return ok(`${tools.length} tools came over the stream.`);
      return warning(
        "The list of tools that came over the stream is empty.",
        "Compare it with what a client of Streamable HTTP gets.",
      );
    } catch (error) {
      return failed(
        `The client stopped: ${readMcpError(error).text}.`,
        "Look for POST /sse/message in the log (npx wrangler tail): 404 there means that the stream's session is gone.",
      );
    }
  },
};

/** The path of HTTP+SSE. @throws Outcome "not checked" where it is not looked at. */
export function readSsePath({ endpoints }: Examination): string {
  if (endpoints.sse === undefined) {
    throw new Outcome(notChecked("No endpoint of HTTP+SSE is looked at."));
  }
  return endpoints.sse;
}

/** Where a client of HTTP+SSE connects to, and with what. @throws Outcome where that is not known. */
export function readSseTarget(examination: Examination) {
  const path = readSsePath(examination);
  const { sseLogin } = stateOf(examination);
  if (sseLogin === undefined) throw explainMissingLogin(examination);
  return { path, accessToken: sseLogin.tokens.accessToken };
}
