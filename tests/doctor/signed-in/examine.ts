import type { Check, Finding } from "../../../scripts/mcp/doctor/check.ts";
import {
  createExamination,
  type Examination,
  type Learned,
  type SignIn,
} from "../../../scripts/mcp/doctor/examination.ts";
import {
  createSignedInChecks,
  type SignedInOptions,
} from "../../../scripts/mcp/doctor/signed-in/index.ts";
import { findFreePort } from "../../../scripts/runtime/free-port.ts";

/** What a run of the signed-in checks gave. */
export interface Examined {
  readonly examination: Examination;
  /** Findings by the check's id, in the order of the run. */
  readonly findings: ReadonlyMap<string, Finding>;
  /** What could not be ended at the end, in words. */
  readonly leftOver: readonly string[];
}

/** What the public checks would have learned of a server of this project, and a client of its own. */
export async function learn(origin: string, signIn: SignIn): Promise<Examination> {
  const read = async (path: string) =>
    (await (await fetch(new URL(path, origin))).json()) as Record<string, unknown>;
  const redirectUri = `http://127.0.0.1:${await findFreePort()}/callback`;
  const serverMetadata = await read("/.well-known/oauth-authorization-server");
  const response = await fetch(String(serverMetadata.registration_endpoint), {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      client_name: "doctor",
      redirect_uris: [redirectUri],
      token_endpoint_auth_method: "none",
    }),
  });
  const { client_id: clientId } = (await response.json()) as { client_id: string };
  const examination = createExamination({ url: new URL(origin), signIn });
  Object.assign(examination.learned, {
    resourceMetadata: {
      "/mcp": await read("/.well-known/oauth-protected-resource/mcp"),
      "/sse": await read("/.well-known/oauth-protected-resource/sse"),
    },
    serverMetadata,
    client: { clientId, redirectUri },
  } satisfies Learned);
  return examination;
}

/** Runs the signed-in checks as doctor's runner does: one fault makes one failed line. */
export async function examine(
  examination: Examination,
  options: SignedInOptions = {},
): Promise<Examined> {
  const findings = new Map<string, Finding>();
  for (const check of createSignedInChecks({ revocationLimit: 200, tell: () => {}, ...options })) {
    findings.set(check.id, await decide(check, findings, examination));
  }
  const leftOver: string[] = [];
  for (const act of examination.leave.splice(0).reverse()) {
    await act().catch(({ message }: Error) => leftOver.push(message));
  }
  return { examination, findings, leftOver };
}

async function decide(
  check: Check,
  findings: ReadonlyMap<string, Finding>,
  examination: Examination,
): Promise<Finding> {
  for (const id of check.needs ?? []) {
    const verdict = findings.get(id)?.verdict;
    if (verdict === undefined) throw new Error(`${check.id} needs ${id}, which comes later.`);
    if (verdict === "failed" || verdict === "not checked") {
      return { verdict: "not checked", reason: `It needs ${id}.` };
    }
  }
  return check.run(examination);
}

/** Lines that look at the clock, and so warn of a busy machine as they would of a slow server. */
const timed: ReadonlySet<string> = new Set(["latency", "progress", "sse-progress"]);

/**
 * The ids of the lines that ended in one of these ways. A warning of a line that looks at the clock counts as
 * ok: what makes such a line warn is tried for each by itself (`breakings`).
 */
export function listLines({ findings }: Examined, ...verdicts: Finding["verdict"][]): string[] {
  return [...findings]
    .filter(([id, { verdict }]) =>
      verdicts.includes(verdict === "warning" && timed.has(id) ? "ok" : verdict),
    )
    .map(([id]) => id);
}

/** The lines that are not ok, for the message of a failed expectation. */
export function describeLines({ findings }: Examined): string {
  return [...findings]
    .filter(([, { verdict }]) => verdict !== "ok")
    .map(([id, { verdict, reason }]) => `${id}: ${verdict}, ${reason}`)
    .join("\n");
}
