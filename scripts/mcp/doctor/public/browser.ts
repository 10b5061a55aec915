import { type Check, ok, warning } from "../check.ts";
import type { Examination } from "../examination.ts";
import { type Answer, initialize, look } from "../look.ts";
import { toResourceMetadataPath } from "./resource-metadata.ts";

const runbook = "cors-error";

/** Where the page of an Inspector comes from, on the person's own machine. */
const page = "http://localhost:6274";

/** Headers that clients set on messages; a browser asks first whether it may. */
const messageHeaders = [
  "authorization",
  "content-type",
  "mcp-method",
  "mcp-name",
  "mcp-protocol-version",
  "mcp-session-id",
];

const browserOnly = "Only clients in a browser notice, such as the Inspector's page.";

/** A page reads only what the server lets it read. */
export const cors: Check = {
  id: "cors",
  title: "A client in a browser can read the documents and the challenge",
  runbook,
  needs: ["challenge-mcp", "authorization-server-metadata"],
  async run(examination) {
    const headers = { origin: page };
    const paths = Object.keys(examination.learned.resourceMetadata);
    const [documents, challenges] = await Promise.all([
      Promise.all(listDocuments(examination).map((url) => look(examination, url, { headers }))),
      Promise.all(paths.map((path) => look(examination, path, initialize(headers)))),
    ]);
    const closed = [...documents, ...challenges].find((answer) => !isOpen(answer));
    if (closed !== undefined) {
      const allowed = closed.headers.get("access-control-allow-origin") ?? "absent";
      return warning(
        `${closed.url} cannot be read by a page at ${page}: its Access-Control-Allow-Origin is ${allowed}.`,
        `Send it with these answers. ${browserOnly}`,
      );
    }
    const silent = challenges.find(({ headers }) => !exposes(headers, "www-authenticate"));
    if (silent === undefined) return ok(`${page} may read them, WWW-Authenticate as well.`);
    return warning(
      `${silent.url} does not expose WWW-Authenticate, so a page does not see the challenge.`,
      `Name it in Access-Control-Expose-Headers, and Mcp-Session-Id too. ${browserOnly}`,
    );
  },
};

/** Before a browser sends a message, it asks which headers it may send. */
export const preflight: Check = {
  id: "preflight",
  title: "A client in a browser may send what clients send",
  runbook,
  needs: ["challenge-mcp", "authorization-server-metadata"],
  async run(examination) {
    const { learned } = examination;
    const { registration_endpoint } = learned.serverMetadata ?? {};
    const asks: [string, string, readonly string[]][] = [
      ...Object.keys(learned.resourceMetadata).map((path): [string, string, readonly string[]] => [
        path,
        "POST",
        messageHeaders,
      ]),
      ...listDocuments(examination).map((url): [string, string, readonly string[]] => [
        url,
        "GET",
        ["mcp-protocol-version"],
      ]),
    ];
    if (typeof registration_endpoint === "string") {
      asks.push([registration_endpoint, "POST", ["content-type"]]);
    }
    const answers = await Promise.all(
      asks.map(async ([target, method, headers]) => {
        const answer = await look(examination, target, {
          method: "OPTIONS",
          headers: {
            origin: page,
            "access-control-request-method": method,
            "access-control-request-headers": headers.join(","),
          },
        });
        return { answer, problem: findProblem(answer, headers) };
      }),
    );
    const refused = answers.find(({ problem }) => problem !== undefined);
    if (refused === undefined) return ok(`Preflight of ${asks.length} addresses.`);
    return warning(
      `The preflight of ${refused.answer.url} ${refused.problem}.`,
      `Answer OPTIONS with 204 and Access-Control-Allow-Origin, -Methods and -Headers. ${browserOnly}`,
    );
  },
};

function listDocuments({ learned, origin }: Examination): string[] {
  const paths = Object.keys(learned.resourceMetadata).map(
    (path) => `${origin}${toResourceMetadataPath(path)}`,
  );
  return [...paths, ...(learned.serverMetadataUrl ? [learned.serverMetadataUrl] : [])];
}

function isOpen({ headers }: Answer): boolean {
  return ["*", page].includes(headers.get("access-control-allow-origin") ?? "");
}

function exposes(headers: Headers, name: string): boolean {
  const exposed = readNames(headers.get("access-control-expose-headers"));
  return exposed.includes(name) || exposed.includes("*");
}

function findProblem(answer: Answer, wanted: readonly string[]): string | undefined {
  if (answer.status < 200 || answer.status > 299) return `is answered ${answer.status}`;
  if (!isOpen(answer)) return `does not allow a page at ${page}`;
  const allowed = readNames(answer.headers.get("access-control-allow-headers"));
  // A star means every header but this one (Fetch, "CORS-preflight fetch").
  const missing = wanted.filter(
    (name) => !allowed.includes(name) && (name === "authorization" || !allowed.includes("*")),
  );
  return missing.length > 0 ? `does not allow ${missing.join(", ")}` : undefined;
}

function readNames(header: string | null): string[] {
  return (header ?? "").split(",").map((name) => name.trim().toLowerCase());
}
