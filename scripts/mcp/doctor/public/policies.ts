import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { type IncomingMessage, request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { text } from "node:stream/consumers";
import { isLoopback } from "../../../../infra/loopback.ts";
import { type Check, failed, ok, warning } from "../check.ts";
import { initialize, isPage, look, readDocument } from "../look.ts";
import { toResourceMetadataPath } from "./resource-metadata.ts";

/** A host that is nobody's (RFC 6761). */
const stranger = "doctor.invalid";

/** Milliseconds for an answer to a request with a foreign Host. */
const hostLimit = 10_000;

/** A page of a foreign site must not act with what a person's browser holds. */
export const originPolicy: Check = {
  id: "origin-policy",
  title: "A page of a foreign site gets nothing from a person's cookies",
  runbook: "cors-error",
  needs: ["authorization-server-metadata"],
  async run(examination) {
    const { endpoints, learned } = examination;
    const headers = { origin: `https://${stranger}` };
    const authorize = String(learned.serverMetadata?.authorization_endpoint);
    const [call, page] = await Promise.all([
      look(examination, endpoints.mcp, initialize(headers)),
      look(examination, authorize, { headers }),
    ]);
    const open = [call, page].find(
      (answer) => answer.headers.get("access-control-allow-credentials") === "true",
    );
    if (open !== undefined) {
      return failed(
        `${open.url} lets a page at https://${stranger} call it with the person's cookies.`,
        "Take Access-Control-Allow-Credentials away: a client sends its token itself.",
      );
    }
    if (page.headers.has("access-control-allow-origin")) {
      return warning(
        `${page.url} lets a page at https://${stranger} read it.`,
        "Take the CORS headers off the pages of the sign-in: no client reads them by script.",
      );
    }
    return ok(`A page at https://${stranger} can use no cookies, and not read the sign-in.`);
  },
};

/** What a server says about itself must not depend on the Host that a caller sends. */
export const hostPolicy: Check = {
  id: "host-policy",
  title: "A foreign Host header changes nothing of what the server says",
  runbook: "wrong-host",
  needs: ["resource-metadata-path"],
  async run(examination) {
    const { origin, endpoints } = examination;
    const path = toResourceMetadataPath(endpoints.mcp);
    const [asStranger, forwarded] = await Promise.all([
      askAs(stranger, new URL(path, origin)),
      look(examination, path, {
        headers: { "x-forwarded-host": stranger, forwarded: `host=${stranger}` },
      }),
    ]);
    for (const [header, answer] of [
      ["Host", asStranger],
      ["X-Forwarded-Host", forwarded],
    ] as const) {
      if (answer?.status !== 200 || !answer.text.includes(stranger)) continue;
      return failed(
        `With ${header}: ${stranger} the document at ${path} names ${stranger}.`,
        "Take the public address from a setting, never from the request: a cache or a forged name would lead clients elsewhere.",
      );
    }
    const isServed = asStranger?.status === 200 && asStranger.text === forwarded.text;
    if (isServed && isLoopback(origin)) {
      return warning(
        `The server on this machine also answers as ${stranger}.`,
        "Answer to localhost only: a foreign site can point a name of its own at this machine (DNS rebinding).",
      );
    }
    return ok(
      asStranger === undefined
        ? "A request with another Host is cut off."
        : `A request with another Host is answered ${asStranger.status}.`,
    );
  },
};

/** A client asks for several documents, and takes any page with status 200 for one. */
export const unknownWellKnown: Check = {
  id: "unknown-well-known",
  title: "An unknown address under /.well-known is 404, and no page",
  runbook: "well-known-is-html",
  needs: ["redirects"],
  async run(examination) {
    const { mcp } = examination.endpoints;
    const nobody = `/.well-known/doctor-${randomUUID().slice(0, 8)}`;
    const remedy =
      "Answer 404 with plain text or nothing to everything under /.well-known that is not there.";
    const [unknown, below, openId] = await Promise.all([
      look(examination, nobody),
      look(examination, `${nobody}${mcp}`, { headers: { accept: "text/html" } }),
      look(examination, "/.well-known/openid-configuration"),
    ]);
    for (const answer of [unknown, below]) {
      const { url, status } = answer;
      if (status === 200) return failed(`${url} answers 200, and nothing is there.`, remedy);
      if (status !== 404) return warning(`${url} answers ${status}, and nothing is there.`, remedy);
      if (isPage(answer)) return warning(`${url} answers 404 with an HTML page.`, remedy);
    }
    if (openId.status === 200 && typeof readDocument(openId) === "string") {
      return failed(`${openId.url} ${readDocument(openId)}.`, remedy);
    }
    return ok("404, without a page.");
  },
};

/** Asks with a Host header of its own, which fetch does not allow. @returns undefined if it was cut off. */
async function askAs(
  host: string,
  url: URL,
): Promise<{ readonly status: number; readonly text: string } | undefined> {
  const send = url.protocol === "https:" ? requestHttps : requestHttp;
  const asked = send(url, { headers: { host }, agent: false, timeout: hostLimit });
  asked.on("timeout", () => asked.destroy(new Error("No answer in time.")));
  asked.end();
  try {
    const [answer] = (await once(asked, "response")) as [IncomingMessage];
    return { status: answer.statusCode ?? 0, text: await text(answer) };
  } catch {
    // An edge that knows no such host may answer with nothing at all.
    return undefined;
  }
}
