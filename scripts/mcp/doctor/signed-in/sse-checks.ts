import { type Check, type Finding, failed, notChecked, ok, warning } from "../check.ts";
import type { Examination } from "../examination.ts";
import { Outcome } from "./ask.ts";
import { guessScope, readAccessToken } from "./call-checks.ts";
import { type ConnectionParts, connectClient, openStream, type Way } from "./clients.ts";
import { explainOAuthError, readMcpError } from "./explain.ts";
import { redeemCode } from "./login.ts";
import { findProgressExample, isAllowed } from "./pick-tool.ts";
import { explainMissingLogin, type Signer } from "./sign-in/index.ts";
import { findResource, stateOf, timed } from "./state.ts";

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
      // If nobody could sign in at all, another line has said so.
      if (state.login === undefined) throw explainMissingLogin(examination);
      try {
        const { login } = await redeemCode(examination, await signer.signIn(examination, sse));
        state.sseLogin = login;
        return ok(`A token for ${login.resource}.`);
      } catch (error) {
        const said = explainOAuthError(error);
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
        "Let whatever is in front of the server pass text/event-stream on as it comes, unbuffered.",
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
      await using client = await connectClient(examination, "sse", readSseTarget(examination));
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

/** The path of HTTP+SSE. @throws Outcome "not checked" if it is not looked at. */
export function readSsePath({ endpoints }: Examination): string {
  if (endpoints.sse === undefined) {
    throw new Outcome(notChecked("No endpoint of HTTP+SSE is looked at."));
  }
  return endpoints.sse;
}

/** Where a client of HTTP+SSE connects to, and with what. @throws Outcome if that is not known. */
function readSseTarget(examination: Examination) {
  const path = readSsePath(examination);
  const { sseLogin } = stateOf(examination);
  if (sseLogin === undefined) throw explainMissingLogin(examination);
  return { path, accessToken: sseLogin.tokens.accessToken };
}

/** Milliseconds from the first word of progress to the end, at least: an example lasts twice as long. */
const leastWait = 100;

/** Progress of a long call. Without it, clients take the call for dead after a minute. */
export const progressCheck: Check = {
  id: "progress",
  title: "A long call reports its progress over Streamable HTTP",
  runbook: "stream-ends",
  needs: ["token-opens"],
  async run(examination) {
    const [way] = stateOf(examination).eras;
    if (way === undefined) return notChecked("No client could call a tool.");
    const target = { path: examination.endpoints.mcp, accessToken: readAccessToken(examination) };
    return walkWith(
      examination,
      way,
      target,
      guessScope(examination, target.path, examination.learned.tokens),
    );
  },
};

/** The same over the older transport. */
export const sseProgressCheck: Check = {
  id: "sse-progress",
  title: "A long call reports its progress over HTTP+SSE",
  runbook: "stream-ends",
  needs: ["sse-message"],
  async run(examination) {
    const target = readSseTarget(examination);
    const { sseLogin } = stateOf(examination);
    return walkWith(
      examination,
      "sse",
      target,
      guessScope(examination, target.path, sseLogin?.tokens),
    );
  },
};

async function walkWith(
  examination: Examination,
  way: Way,
  target: ConnectionParts,
  scope: string | undefined,
): Promise<Finding> {
  const example = findProgressExample(stateOf(examination).tools ?? []);
  if (example === undefined) {
    return notChecked("No tool of the server says with what to call it to see its progress.");
  }
  const { tool, args } = example;
  if (!isAllowed(tool, scope)) {
    return notChecked(`The token does not allow ${tool.name}, which reports progress.`);
  }
  try {
    await using client = await connectClient(examination, way, target);
    const times: number[] = [];
    await client.callTool(tool.name, args, () => times.push(performance.now()));
    const ended = performance.now();
    const [first] = times;
    if (first === undefined) {
      return failed(
        "The call ended without a word of its progress.",
        "Something on the way turns the event stream into one answer: let text/event-stream through as it is.",
      );
    }
    if (ended - first < leastWait) {
      return warning(
        `The progress came ${Math.round(ended - first)} ms before the end, all at once.`,
        "Something on the way holds the event stream back: turn off its buffering and compression.",
      );
    }
    return ok(
      `Progress came ${times.length} times, from ${Math.round(ended - first)} ms before the end.`,
    );
  } catch (error) {
    return failed(
      `The long call stopped: ${readMcpError(error).text}.`,
      "Look for the call in the log (npx wrangler tail), and for a time limit of whatever is in front of the server.",
    );
  }
}
