import { type Check, type Finding, failed, notChecked, ok, warning } from "../check.ts";
import type { Examination } from "../examination.ts";
import { guessScope, readAccessToken } from "./call-checks.ts";
import { connect, type Target, type Way } from "./clients.ts";
import { readMcpError } from "./explain.ts";
import { findWalkingTool, isAllowed } from "./pick-tool.ts";
import { readSseTarget } from "./sse-checks.ts";
import { stateOf } from "./state.ts";

/** A walk long enough to see whether its progress comes as it goes: steps, and milliseconds of each. */
const walk = { steps: 4, pause: 50 };

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
  target: Target,
  scope: string | undefined,
): Promise<Finding> {
  const tool = findWalkingTool(stateOf(examination).tools ?? []);
  if (tool === undefined) {
    return notChecked("The server has no tool that is known to report progress (random_walk).");
  }
  if (!isAllowed(tool, scope)) {
    return notChecked(`The token does not allow ${tool.name}, which reports progress.`);
  }
  try {
    await using client = await connect(examination, way, target);
    const times: number[] = [];
    await client.callTool(tool.name, walk, () => times.push(performance.now()));
    const ended = performance.now();
    const [first] = times;
    if (first === undefined) {
      return failed(
        "The call ended without a word of its progress.",
        "Something on the way turns the event stream into one answer: let text/event-stream through as it is.",
      );
    }
    // Half of the walk: the first step is told when a quarter of it is gone.
    if (ended - first < (walk.steps * walk.pause) / 2) {
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
      "Look for the call in the log (npx wrangler tail), and for a time limit of what stands in front of the server.",
    );
  }
}
