import { type Check, type Finding, failed, ok, warning } from "../check.ts";
import type { Examination } from "../examination.ts";
import { look, readDocument, readList } from "../look.ts";
import { readChallenge } from "./challenge.ts";

const runbook = "resource-mismatch";
const root = "/.well-known/oauth-protected-resource";

type Document = Readonly<Record<string, unknown>>;

/** The address of an endpoint's document: the well-known part comes before the path (RFC 9728 section 3.1). */
export function toResourceMetadataPath(endpoint: string): string {
  return endpoint === "/" ? root : `${root}${endpoint}`;
}

/** The address of an endpoint, as a person types it. */
export function toEndpointUrl(origin: string, endpoint: string): string {
  return endpoint === "/" ? `${origin}/` : `${origin}${endpoint}`;
}

/** Clients look under the endpoint's own path first. */
export const resourceMetadataByPath: Check = {
  id: "resource-metadata-path",
  title: "Each endpoint has its protected-resource document where clients look",
  runbook,
  needs: ["redirects"],
  async run(examination) {
    const { mcp, sse } = examination.endpoints;
    const paths = sse === undefined ? [mcp] : [mcp, sse];
    const found = await Promise.all(
      paths.map(async (path) => ({ path, ...(await find(examination, path)) })),
    );
    const documents = found.flatMap(({ path, document }) => (document ? [[path, document]] : []));
    examination.learned.resourceMetadata = Object.fromEntries(documents);
    const problem = found.map(({ problem }) => problem).find((one) => one !== undefined);
    if (problem !== undefined) return problem;
    const present = found.flatMap(({ path, document }) => (document ? [path] : []));
    const absent = found.filter(({ document }) => document === undefined);
    const without = absent.map(({ path }) => ` There is no endpoint ${path}.`).join("");
    return ok(`Found for ${present.join(" and ")}.${without}`);
  },
};

/** The document without a path is the fallback of clients, for a resource that is the whole origin. */
export const resourceMetadataAtRoot: Check = {
  id: "resource-metadata-root",
  title: "The protected-resource document of the root is absent, or fits",
  runbook,
  needs: ["unknown-well-known", "resource-metadata-path"],
  async run(examination) {
    const { origin } = examination;
    const answer = await look(examination, root);
    if (answer.status === 404) return ok("Absent: clients find the endpoints' own documents.");
    const document = readDocument(answer);
    const remedy =
      "Answer 404 there, or a document whose resource is the origin: clients without the endpoint's own document take this one.";
    if (typeof document === "string") return failed(`${answer.url} ${document}.`, remedy);
    const { resource } = document;
    if (resource === origin || resource === `${origin}/`) return ok("Its resource is the origin.");
    if (typeof resource === "string" && resource.startsWith(`${origin}/`)) {
      return warning(
        `${answer.url} has the resource ${resource}, which is not the origin: VS Code refuses it.`,
        remedy,
      );
    }
    return failed(`${answer.url} has the resource ${String(resource)}.`, remedy);
  },
};

/** Strict clients compare the resource with what the person typed, character by character. */
export const exactResource: Check = {
  id: "resource",
  title: "Each document's resource is exactly the endpoint's address",
  runbook: "resource-mismatch",
  needs: ["resource-metadata-path"],
  async run({ origin, learned }) {
    const documents = Object.entries(learned.resourceMetadata);
    for (const [path, { resource }] of documents) {
      const wanted = toEndpointUrl(origin, path);
      if (resource === wanted || (path === "/" && resource === origin)) continue;
      const reason = `The document of ${wanted} has the resource ${String(resource)}.`;
      const remedy =
        "Give clients the address in the document; if that is wrong, set the server's public address to the one people type. A token is bound to it.";
      // Taken by the SDKs, which compare the beginning, and refused by VS Code.
      const isAbove = resource === origin || resource === `${origin}/`;
      return isAbove ? warning(reason, remedy) : failed(reason, remedy);
    }
    return ok(documents.map(([path]) => toEndpointUrl(origin, path)).join(", "));
  },
};

/** The document of one endpoint, or what is wrong with it; neither if there is no such endpoint. */
async function find(
  examination: Examination,
  path: string,
): Promise<{ readonly document?: Document; readonly problem?: Finding }> {
  const { origin, endpoints } = examination;
  const answer = await look(examination, toResourceMetadataPath(path));
  const document = judge(answer.url, readDocument(answer));
  if (typeof document !== "string") return { document };
  const refusal = await look(examination, path, { headers: { accept: "text/event-stream" } });
  // HTTP+SSE is optional, and was only supposed here.
  if (path === endpoints.sse && [404, 405].includes(refusal.status)) return {};
  const named = readChallenge(refusal.headers)?.resource_metadata;
  for (const target of [named, `${origin}${root}`]) {
    if (target === undefined || !URL.canParse(target) || target === answer.url) continue;
    const other = judge(target, readDocument(await look(examination, target)));
    if (typeof other === "string") continue;
    const problem = warning(
      `${document} The one at ${target} was found instead.`,
      "Serve the document there as well: some clients look only where the rule says (RFC 9728 section 3.1), and guess the rest.",
    );
    return { document: other, problem };
  }
  const remedy =
    "Serve the document (RFC 9728) there, as JSON: without it a client does not know where to sign in.";
  return { problem: failed(document, remedy) };
}

function judge(url: string, document: Document | string): Document | string {
  if (typeof document === "string") return `${url} ${document}.`;
  if (typeof document.resource !== "string") return `${url} names no resource.`;
  const servers = readList(document.authorization_servers) ?? [];
  return servers.length > 0 ? document : `${url} names no authorization server.`;
}
