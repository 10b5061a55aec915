import { type Check, ok, warning } from "../check.ts";
import type { Examination } from "../examination.ts";
import { showToken } from "./ask.ts";
import { guessScope, readAccessToken } from "./call-checks.ts";
import { connectClient } from "./clients.ts";
import { readMcpError } from "./explain.ts";
import { pickAllowedTool } from "./pick-tool.ts";
import { stateOf } from "./state.ts";

/** Calls of which the middle one counts. */
const calls = 5;

/** Milliseconds above which people notice that they wait. */
const noticeable = 2_000;

/** How long each step took, and a call in the middle of several. */
export const latencyCheck: Check = {
  id: "latency",
  title: "No step takes longer than people like to wait",
  runbook: "slow",
  needs: ["token-opens"],
  async run(examination) {
    const { times } = stateOf(examination);
    await using opened = new AsyncDisposableStack();
    const call = await prepareCall(examination, opened);
    const durations: number[] = [];
    try {
      for (let count = 0; count < calls; count++) {
        const started = performance.now();
        await call();
        durations.push(performance.now() - started);
      }
    } catch (error) {
      return warning(
        `Of ${calls} calls one after the other, number ${durations.length + 1} failed: ${readMcpError(error).text}.`,
        "Look for it in the log (npx wrangler tail), and for a rate limit on the way.",
      );
    }
    const middle = durations.sort((a, b) => a - b)[Math.floor(calls / 2)] ?? 0;
    // How long a person takes to sign in says nothing of the server.
    const isHuman = examination.signIn.kind === "browser";
    const steps = [...times].filter(([step]) => !(isHuman && step === "sign-in"));
    const all: [string, number][] = [...steps, [`p50 of ${calls} calls`, middle]];
    const slow = all.filter(([, time]) => time > noticeable).map(([step]) => step);
    const words = all.map(([step, time]) => `${step} ${Math.round(time)} ms`).join(", ");
    if (slow.length === 0) return ok(`${words}.`);
    return warning(
      `Slow: ${slow.join(", ")} (${words}).`,
      "Look at the durations in the log (npx wrangler tail) to tell the server's time from the way's.",
    );
  },
};

/** A call that changes nothing: of a tool, or if none may be called, a ping. */
async function prepareCall(
  examination: Examination,
  opened: AsyncDisposableStack,
): Promise<() => Promise<unknown>> {
  const path = examination.endpoints.mcp;
  const accessToken = readAccessToken(examination);
  const { tools = [], eras } = stateOf(examination);
  const [way] = eras;
  const scope = guessScope(examination, path, examination.learned.tokens);
  const tool = pickAllowedTool(tools, scope);
  if (way === undefined || tool === undefined) {
    return () => showToken(examination, path, accessToken);
  }
  const client = opened.use(await connectClient(examination, way, { path, accessToken }));
  return () => client.callTool(tool.name, {});
}
