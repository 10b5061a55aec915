import { type Answer, listWords, type SentRequest } from "./sent.ts";

/** Bytes that an answer may have: twice the largest page. What a request sends may come back. */
const largestAnswer = 256 * 1024;

/** What only somebody who runs the server should see. */
const internals: readonly RegExp[] = [
  // A line of a stack.
  /^\s+at [\w.<>$ [\]]+ \(.+\)$/m,
  /^\s+at \S+:\d+:\d+$/m,
  /file:\/\/\/[\w.-]+/,
  /(?<![\w:/])\/(?:home|root|tmp|usr|var|opt|Users|app|work)\/[\w.-]+/,
  /\bnode_modules\b/,
  /\b[\w-]+\.(?:[cm]?[jt]sx?):\d+/,
  /\b(?:Type|Reference|Range|Zod|Syntax)Error\b/,
  /\bworkerd\b|\bSQLITE_|\bminiflare\b/i,
];

/**
 * What is wrong with an answer, whatever was asked.
 * @returns undefined where nothing is.
 */
export function judge(request: SentRequest, answer: Answer): string | undefined {
  if (answer.failure === "hang") return `hangs: no answer in ${Math.round(answer.milliseconds)} ms`;
  if (answer.failure === "reset" && request.raw === undefined) return "ends the connection";
  if (answer.status >= 500) return `answers ${answer.status}: ${answer.text.slice(0, 300)}`;
  if (answer.size > largestAnswer + 8 * (request.body?.length ?? 0)) {
    return `answers ${answer.size} bytes`;
  }
  const said = listWords(request);
  for (const pattern of internals) {
    const [found] = pattern.exec(answer.text) ?? [];
    if (found !== undefined && !said.includes(found)) return `tells of itself: ${found}`;
  }
  return undefined;
}

/** Events that a request of a stranger must not cause. */
const badEvents = [
  "failure",
  "tool-failure",
  "call-failure",
  "token-gate-failure",
  "token-check-failure",
];

/** Lines of a log that say that the server failed. */
export function findFailures(lines: readonly string[]): string[] {
  return lines.filter((line) => {
    const [, event = ""] = /^\{"event":"([a-z-]+)"/.exec(line) ?? [];
    return (
      badEvents.includes(event) || /\b(?:uncaught|unhandled|segmentation|out of memory)/i.test(line)
    );
  });
}
