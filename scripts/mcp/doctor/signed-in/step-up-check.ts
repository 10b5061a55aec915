import { type Check, failed, notChecked, ok, warning } from "../check.ts";
import { readAccessToken } from "./call-checks.ts";
import { connect } from "./clients.ts";
import { listDeclaredScopes, pickForbiddenTool } from "./pick-tool.ts";
import { stateOf } from "./state.ts";

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
    await using client = await connect(examination, way, {
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
