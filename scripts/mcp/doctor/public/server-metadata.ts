import { isLoopback } from "../../../../infra/loopback.ts";
import { type Check, failed, ok } from "../check.ts";
import type { Examination } from "../examination.ts";
import { look, readDocument, readList } from "../look.ts";

const runbook = "issuer-mismatch";

/** Where clients look for the document of an issuer, in their order (MCP 2026-07-28, authorization server discovery). */
export function listMetadataUrls(issuer: string): string[] {
  const { origin, pathname } = new URL(issuer);
  const path = pathname === "/" ? "" : pathname.replace(/\/$/, "");
  const urls = [
    `${origin}/.well-known/oauth-authorization-server${path}`,
    `${origin}/.well-known/openid-configuration${path}`,
  ];
  return path === "" ? urls : [...urls, `${origin}${path}/.well-known/openid-configuration`];
}

/** The issuer that the first endpoint's document names. */
export function findIssuer({ learned }: Pick<Examination, "learned">): string | undefined {
  const [document] = Object.values(learned.resourceMetadata);
  return readList(document?.authorization_servers)?.[0];
}

/** Clients learn from it where to send a person, and where to ask for tokens. */
export const authorizationServerMetadata: Check = {
  id: "authorization-server-metadata",
  title: "The authorization server describes itself",
  runbook,
  needs: ["resource-metadata-path"],
  async run(examination) {
    const { learned, origin } = examination;
    const issuer = findIssuer({ learned }) ?? "";
    const mayBeHere = isLoopback(origin) && isLoopback(issuer);
    if (!URL.canParse(issuer) || !(issuer.startsWith("https://") || mayBeHere)) {
      return failed(
        `The protected-resource document names the authorization server "${issuer}".`,
        "It must be an https address (RFC 8414 section 2).",
      );
    }
    const answers = await Promise.all(
      listMetadataUrls(issuer).map((url) => look(examination, url)),
    );
    const found = answers
      .map((answer) => ({ answer, document: readDocument(answer) }))
      .find(({ document }) => typeof document !== "string");
    if (found === undefined || typeof found.document === "string") {
      const [first] = answers;
      const problem = first && readDocument(first);
      return failed(
        `${first?.url} ${String(problem)}, and so do the other addresses of ${issuer}.`,
        "Serve the authorization server's document (RFC 8414) there, as JSON.",
      );
    }
    const { answer, document } = found;
    for (const name of ["authorization_endpoint", "token_endpoint"] as const) {
      const endpoint = document[name];
      const isFit =
        typeof endpoint === "string" &&
        (endpoint.startsWith("https://") || (mayBeHere && isLoopback(endpoint)));
      if (isFit) continue;
      return failed(
        `${answer.url} has the ${name} ${JSON.stringify(endpoint) ?? "(none)"}.`,
        "Name it there with its whole https address.",
      );
    }
    learned.serverMetadata = document;
    learned.serverMetadataUrl = answer.url;
    return ok(`Found at ${answer.url}.`);
  },
};

/** A client that compares takes no document of another issuer (RFC 8414 section 3.3). */
export const issuerEquality: Check = {
  id: "issuer",
  title: "The issuer is exactly the one that the endpoint names",
  runbook,
  needs: ["authorization-server-metadata"],
  async run({ learned }) {
    const named = findIssuer({ learned });
    const issuer = learned.serverMetadata?.issuer;
    if (issuer === named) return ok(`${named}`);
    return failed(
      `The endpoint names ${named}, and the document says ${JSON.stringify(issuer) ?? "nothing"}.`,
      "Make them the same, to the last slash: clients compare without normalizing.",
    );
  },
};
