import { type Check, type Finding, failed, notChecked, ok, warning } from "../check.ts";
import type { Examination } from "../examination.ts";
import { describeReception, isTaken, showToken } from "./ask.ts";
import { connectClient, modernVersion } from "./clients.ts";
import { type McpFailure, readCodeIn, readMcpError } from "./explain.ts";
import type { Tokens } from "./login.ts";
import { listDeclaredScopes, pickAllowedTool, pickForbiddenTool } from "./pick-tool.ts";
import { explainMissingLogin } from "./sign-in/index.ts";
import { keepSecret, listFirstScopes, stateOf, timed } from "./state.ts";

/** JSON-RPC errors that only a server of the 2026-07-28 protocol has. */
const headerMismatch = -32020;
const unsupportedVersion = -32022;

/** Calls over Streamable HTTP. */
export const callChecks: readonly Check[] = [
  {
    id: "token-opens",
    title: "The token opens the endpoint",
    runbook: "401-with-a-token",
    async run(examination) {
      const reception = await showToken(
        examination,
        examination.endpoints.mcp,
        readAccessToken(examination),
      );
      if (isTaken(reception)) return ok("The endpoint takes the token.");
      return failed(
        `The endpoint answered ${describeReception(reception)} to its own token.`,
        reception.status === 403
          ? "Something in front of the server blocks calls: look at the zone's security events, and let clients through."
          : "Look for the request in the log (npx wrangler tail). If it is not there, something in front of the server answers, or drops the Authorization header.",
      );
    },
  },
  {
    id: "modern-call",
    title: `A client of MCP ${modernVersion} lists the tools and calls one`,
    runbook: "connects-then-silence",
    needs: ["token-opens"],
    run: (examination) =>
      callWith(examination, "modern", ({ code, status }) => {
        // Without a status, the client took the answer for one of an older server.
        if (code === headerMismatch || status !== undefined) return undefined;
        return warning(
          `The server does not speak MCP ${modernVersion}.`,
          "Clients fall back to an older revision as long as they have one. Look for a newer SDK.",
        );
      }),
  },
  {
    id: "legacy-call",
    title: "A client of the initialize era lists the tools and calls one",
    runbook: "connects-then-silence",
    needs: ["token-opens"],
    run: (examination) =>
      callWith(examination, "legacy", ({ code, text }) => {
        if (code !== unsupportedVersion) return undefined;
        return warning(
          `The server speaks no MCP before ${modernVersion}: ${text}.`,
          "Many clients still open with initialize. Serve both on this URL.",
        );
      }),
  },
];

/** The scopes of the token; if the server did not say, those that clients are told to ask for. */
export function guessScope(examination: Examination, path: string, tokens?: Tokens) {
  if (tokens?.scope !== undefined) return tokens.scope;
  const scopes = listFirstScopes(examination, path);
  return scopes.length > 0 ? scopes.join(" ") : undefined;
}

/** The newest token for the endpoint of Streamable HTTP. @throws Outcome if there is none. */
export function readAccessToken(examination: Examination): string {
  const { learned, signIn } = examination;
  if (signIn.kind === "token") {
    keepSecret(examination, signIn.token);
    learned.tokens ??= { accessToken: signIn.token };
  }
  if (learned.tokens === undefined) throw explainMissingLogin(examination);
  return learned.tokens.accessToken;
}

async function callWith(
  examination: Examination,
  way: "modern" | "legacy",
  excuse: (failure: McpFailure) => Finding | undefined,
): Promise<Finding> {
  const state = stateOf(examination);
  const accessToken = readAccessToken(examination);
  const path = examination.endpoints.mcp;
  let refusal: Response | undefined;
  const onResponse = (response: Response) => {
    if (response.status === 400) refusal = response.clone();
  };
  try {
    return await timed(examination, `${way} call`, async () => {
      await using client = await connectClient(examination, way, { path, accessToken, onResponse });
      const tools = await client.listTools();
      state.tools ??= tools;
      const offered = tools.length === 1 ? "1 tool" : `${tools.length} tools`;
      state.eras.push(way);
      const tool = pickAllowedTool(
        tools,
        guessScope(examination, path, examination.learned.tokens),
      );
      if (tool === undefined) {
        return ok(`${offered}. None only reads and needs no argument, so none was called.`);
      }
      const { isError } = await client.callTool(tool.name, {}).catch((error: unknown) => {
        // Nobody said what a token that was given allows.
        if (state.login !== undefined || readMcpError(error).status !== 403) throw error;
        return { isError: undefined };
      });
      if (isError === undefined) {
        return ok(`${offered}. The token does not allow ${tool.name}.`);
      }
      if (!isError) return ok(`${offered}, and ${tool.name} answers.`);
      return warning(
        `${offered}, but ${tool.name} failed when it was called without arguments.`,
        "Call it from a client, and look for its line in the log (npx wrangler tail).",
      );
    });
  } catch (error) {
    // The modern client keeps to itself why it was refused.
    const code = readCodeIn((await refusal?.text()) ?? "");
    const failure = { ...(code !== undefined && { code }), ...readMcpError(error) };
    return (
      excuse(failure) ??
      failed(
        `The client stopped: ${failure.text}.`,
        failure.code === headerMismatch
          ? "Something in front of the server drops or changes the Mcp-* headers: let them through."
          : "Look for the call in the log (npx wrangler tail). If it is not there, something in front of the server answers.",
      )
    );
  }
}

const remedy =
  'Answer 403 with WWW-Authenticate: Bearer error="insufficient_scope" and a scope that names what is needed and what was granted: by that, clients ask for more.';

/** How a client learns that it must ask the person for more. */
export const stepUpCheck: Check = {
  id: "step-up",
  title: "A tool beyond the token's scopes says what to ask for (step-up)",
  runbook: "insufficient-scope",
  needs: ["token-opens"],
  async run(examination) {
    const { tools = [], eras } = stateOf(examination);
    const [way] = eras;
    if (way === undefined) return notChecked("No client could call a tool.");
    const granted = examination.learned.tokens?.scope;
    const tool = pickForbiddenTool(tools, granted);
    if (granted === undefined || tool === undefined) {
      return notChecked("No tool that only reads says that it needs more than was granted.");
    }
    const accessToken = readAccessToken(examination);
    const path = examination.endpoints.mcp;
    let refusal: Response | undefined;
    await using client = await connectClient(examination, way, {
      path,
      accessToken,
      onResponse(response) {
        if (response.status === 401 || response.status === 403) refusal = response;
      },
    });
    const isError = await client.callTool(tool.name, {}).then(
      (result) => result.isError,
      () => true,
    );
    if (refusal === undefined) {
      return isError
        ? warning(`${tool.name} failed, but not as one that needs another scope.`, remedy)
        : warning(
            `${tool.name} ran, although it says it needs ${listDeclaredScopes(tool).join(" ")} and the token is for ${granted}.`,
            "Check the scopes of each call, or take from the tool what it does not need.",
          );
    }
    const challenge = refusal.headers.get("www-authenticate");
    if (challenge === null) {
      return failed(`${tool.name} was refused with ${refusal.status} and no challenge.`, remedy);
    }
    const error = /error="([^"]*)"/.exec(challenge)?.[1];
    const scope = /scope="([^"]*)"/.exec(challenge)?.[1] ?? "";
    const named = scope.split(" ").filter((name) => name !== "");
    const needed = listDeclaredScopes(tool);
    if (
      refusal.status !== 403 ||
      error !== "insufficient_scope" ||
      needed.some((name) => !named.includes(name))
    ) {
      const what = error ?? "no error code";
      return warning(
        `${tool.name} was refused with ${refusal.status}, ${what} and the scope "${scope}".`,
        remedy,
      );
    }
    const lost = granted.split(" ").filter((name) => !named.includes(name));
    if (lost.length === 0)
      return ok(`${tool.name} is refused, and the client is told to ask for ${scope}.`);
    return warning(
      `The challenge for ${tool.name} does not name ${lost.join(" ")}, which was granted: clients of the initialize era ask for what it names, and lose the rest.`,
      remedy,
    );
  },
};
