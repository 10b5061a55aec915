import { type Check, type Finding, failed, ok, warning } from "../check.ts";
import type { Examination } from "../examination.ts";
import { describeReception, isTaken, showToken } from "./ask.ts";
import { connect, modernVersion } from "./clients.ts";
import { type McpFailure, readCodeIn, readMcpError } from "./explain.ts";
import type { Tokens } from "./login.ts";
import { listFirstScopes } from "./parties.ts";
import { pickAllowedTool } from "./pick-tool.ts";
import { explainMissingLogin } from "./sign-in/index.ts";
import { keepSecret, stateOf, timed } from "./state.ts";

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
          : "Look for the request in the log (npx wrangler tail). If it is not there, what stands in front of the server answers, or drops the Authorization header.",
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

/** What the token allows; where nobody said so, what clients are told to ask for. */
export function guessScope(examination: Examination, path: string, tokens?: Tokens) {
  if (tokens?.scope !== undefined) return tokens.scope;
  const scopes = listFirstScopes(examination, path);
  return scopes.length > 0 ? scopes.join(" ") : undefined;
}

/** The newest token for the endpoint of Streamable HTTP. @throws Outcome where there is none. */
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
      await using client = await connect(examination, way, { path, accessToken, onResponse });
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
          : "Look for the call in the log (npx wrangler tail). If it is not there, what stands in front of the server answers.",
      )
    );
  }
}
