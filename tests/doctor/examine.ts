import { once } from "node:events";
import { type IncomingMessage, request as sendRequest } from "node:http";
import { Readable } from "node:stream";
import { type Check, type Line, ok, type Verdict } from "../../scripts/mcp/doctor/check.ts";
import { createExamination } from "../../scripts/mcp/doctor/examination.ts";
import { publicChecks } from "../../scripts/mcp/doctor/public/index.ts";
import { runChecks } from "../../scripts/mcp/doctor/run-checks.ts";

/** The lines of a report, by the ids of their checks. */
export type Lines = ReadonlyMap<string, Line>;

/** Looks at a server as anybody may. */
export async function examine(url: string): Promise<Lines> {
  const examination = createExamination({ url: new URL(url), signIn });
  return toLines((await runChecks(publicChecks, examination)).lines);
}

/**
 * Looks at a server on this machine as if it were public: every request goes to `target` with the Host
 * of `origin`. Name and certificate are taken for good, as no such server is there.
 */
export async function examineAs(origin: string, target: string): Promise<Lines> {
  const examination = createExamination({ url: new URL(origin), signIn });
  const checks = publicChecks.map(
    (check): Check =>
      ["dns", "tls"].includes(check.id) ? { ...check, run: async () => ok("Not here.") } : check,
  );
  const fetch = async (address: string | URL, init: RequestInit = {}) => {
    const url = new URL(address, origin);
    // Says how a form is written, as fetch does.
    const { method, headers, body } = new Request(url, init);
    const asked = sendRequest(new URL(`${url.pathname}${url.search}`, target), {
      method,
      headers: { ...Object.fromEntries(headers), host: url.host },
    });
    asked.end(body === null ? undefined : await new Response(body).bytes());
    const [answer] = (await once(asked, "response")) as [IncomingMessage];
    return new Response(
      answer.statusCode === 204 ? null : (Readable.toWeb(answer) as ReadableStream),
      {
        status: answer.statusCode ?? 0,
        headers: new Headers(answer.headers as Record<string, string>),
      },
    );
  };
  return toLines((await runChecks(checks, { ...examination, fetch })).lines);
}

/**
 * Lines that say a thing is wrong, by id. The line that looks at the clock is left out where it warns, as it does
 * on a busy machine: its own test reads its verdict.
 */
export function findTroubles(lines: Lines): Record<string, Verdict> {
  const troubles = [...lines.values()].filter(
    ({ check, verdict }) =>
      verdict === "failed" || (verdict === "warning" && check.id !== "latency-discovery"),
  );
  return Object.fromEntries(troubles.map(({ check, verdict }) => [check.id, verdict]));
}

/** Checks that say nothing without another one, by way of any number of others. */
export function findDependents(id: string): Set<string> {
  const dependents = new Set([id]);
  for (const { id, needs = [] } of publicChecks) {
    if (needs.some((needed) => dependents.has(needed))) dependents.add(id);
  }
  return dependents;
}

const signIn = { kind: "none", why: "These lines need none." } as const;

function toLines(lines: readonly Line[]): Lines {
  return new Map(lines.map((line) => [line.check.id, line]));
}
