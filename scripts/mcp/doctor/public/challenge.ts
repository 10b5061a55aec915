import { type Check, type Finding, failed, notChecked, ok, warning } from "../check.ts";
import type { Examination } from "../examination.ts";
import { type Answer, initialize, look, readDocument, readList } from "../look.ts";
import { toEndpointUrl } from "./resource-metadata.ts";

const runbook = "no-challenge";

/** A token that nobody has given out. */
const noToken = "doctor:no-such-grant:no-such-token";

/** The first thing a client hears. */
export const challengeAtMcp: Check = {
  id: "challenge-mcp",
  title: "A call without a token is told where to sign in",
  runbook,
  needs: ["resource-metadata-path"],
  run: (examination) =>
    judgeBoth(examination, examination.endpoints.mcp, [initialize(), openStream]),
};

/** The same at the endpoint of HTTP+SSE. */
export const challengeAtSse: Check = {
  id: "challenge-sse",
  title: "So is an HTTP+SSE client, which opens a stream",
  runbook,
  needs: ["resource-metadata-path", "authorization-server-metadata"],
  async run(examination) {
    const { endpoints, learned, origin } = examination;
    const { sse } = endpoints;
    if (sse === undefined) return notChecked("One endpoint was given, and it is looked at above.");
    if (learned.resourceMetadata[sse] !== undefined) {
      return judgeBoth(examination, sse, [openStream, initialize()]);
    }
    const promised = readList(learned.serverMetadata?.protected_resources) ?? [];
    if (!promised.includes(toEndpointUrl(origin, sse))) {
      return notChecked(`There is no ${sse} here. Only clients of the 2024 transport need one.`);
    }
    return failed(
      `The authorization server names ${toEndpointUrl(origin, sse)}, and nothing answers there.`,
      "Check that the deployed Worker is this one, and that its routes cover /sse.",
    );
  },
};

/** A client that hears it drops its token and refreshes; without it some never do. */
export const invalidToken: Check = {
  id: "invalid-token",
  title: "A token that does not count is called invalid",
  runbook: "401-with-a-token",
  needs: ["challenge-mcp"],
  async run(examination) {
    const paths = Object.keys(examination.learned.resourceMetadata);
    const answers = await Promise.all(
      paths.map((path) =>
        look(examination, path, initialize({ authorization: `Bearer ${noToken}` })),
      ),
    );
    for (const { status, url } of answers) {
      if (status === 401) continue;
      return failed(
        `${url} answers ${status} to a token that nobody has given out.`,
        'Answer 401 with error="invalid_token" (RFC 6750 section 3.1).',
      );
    }
    // If there is no challenge at all, the lines before have said so.
    const silent = answers.find(({ headers }) => {
      const challenge = readChallenge(headers);
      return challenge !== undefined && challenge.error !== "invalid_token";
    });
    if (silent === undefined) return ok('401 with error="invalid_token".');
    return warning(
      `${silent.url} answers 401 without error="invalid_token".`,
      "Add it whenever a token was sent: clients refresh on it, and sign the person out without it.",
    );
  },
};

const openStream = { method: "GET", headers: { accept: "text/event-stream" } };

async function judgeBoth(
  examination: Examination,
  path: string,
  [first, second]: readonly [RequestInit, RequestInit],
): Promise<Finding> {
  const [answer, other] = await Promise.all([
    look(examination, path, first),
    look(examination, path, second),
  ]);
  const found = await judge(examination, path, answer);
  // A server that has nothing for the other method may say so before it asks who is there.
  if (found.verdict !== "ok" || other.status > 299) return found;
  return failed(
    `${second.method} ${other.url} answers ${other.status} without a token.`,
    "Answer 401 with a challenge to every method.",
  );
}

async function judge(examination: Examination, path: string, answer: Answer): Promise<Finding> {
  const { url, status, headers } = answer;
  if (status !== 401) {
    return failed(
      `${url} answers ${status} to a call without a token.`,
      status < 300
        ? "Whoever knows the address may call it. Ask for a token: answer 401 with a challenge."
        : "Answer 401 with a challenge: on anything else a client does not start to sign in.",
    );
  }
  const challenge = readChallenge(headers);
  if (challenge === undefined) {
    return failed(
      `${url} answers 401 without WWW-Authenticate: Bearer.`,
      "Add it, with resource_metadata and scope (RFC 9728 section 5.1).",
    );
  }
  const { resource_metadata: target, scope } = challenge;
  if (target === undefined) {
    return warning(
      `The challenge of ${url} has no resource_metadata: clients of 2025 need it.`,
      "Name the address of the protected-resource document there.",
    );
  }
  const problem = await judgeTarget(examination, path, target);
  if (problem !== undefined) return problem;
  if (scope !== undefined) return ok(`401, ${target}, scope "${scope}".`);
  return warning(
    `The challenge of ${url} names no scope.`,
    "Name the scopes that a first sign-in needs: clients ask for exactly these.",
  );
}

async function judgeTarget(
  examination: Examination,
  path: string,
  target: string,
): Promise<Finding | undefined> {
  const remedy = "Name the whole address of the endpoint's own document.";
  if (!URL.canParse(target)) {
    return failed(`resource_metadata is "${target}", which is not a whole address.`, remedy);
  }
  const document = readDocument(await look(examination, target));
  if (typeof document === "string") {
    return failed(`resource_metadata leads to ${target}, which ${document}.`, remedy);
  }
  const wanted = examination.learned.resourceMetadata[path]?.resource;
  if (document.resource === wanted) return undefined;
  return failed(
    `resource_metadata leads to the document of ${String(document.resource)}, not of ${String(wanted)}.`,
    remedy,
  );
}

/** Parameters of the Bearer challenge in `WWW-Authenticate` (RFC 9110 section 11.6.1); undefined if there is none. */
export function readChallenge(headers: Headers): Readonly<Record<string, string>> | undefined {
  const header = headers.get("www-authenticate") ?? "";
  const [, bearer] = /(?:^|,\s*)Bearer\b(.*)$/i.exec(header) ?? [];
  if (bearer === undefined) return undefined;
  const parameters = bearer.matchAll(/([\w-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,]+))/g);
  return Object.fromEntries(
    [...parameters].map(([, name = "", quoted, plain]) => [
      name.toLowerCase(),
      quoted?.replace(/\\(.)/g, "$1") ?? plain ?? "",
    ]),
  );
}
