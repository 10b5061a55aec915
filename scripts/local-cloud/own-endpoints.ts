import type { IncomingMessage } from "node:http";
import type { HttpBindings } from "@hono/node-server";
import { Hono } from "hono";
import * as z from "zod";
import { UserError } from "../errors.ts";
import { ApiError, fail, toResponse } from "./api-error.ts";
import { findToken } from "./authorization.ts";
import type { Cloud } from "./cloud.ts";
import { faultSchema } from "./faults.ts";
import { readBody } from "./read-body.ts";
import { readView, toAddress } from "./status-page/address.ts";
import { serveAsset } from "./status-page/assets.ts";
import { takeFaultForm } from "./status-page/faults.ts";
import { renderStatusPage } from "./status-page/page.ts";

const portBody = z.object({
  script: z.string().min(1),
  /** Default: the first account. */
  account: z.string().optional(),
  /** Default: the one it has, else the next free one. */
  port: z.int().min(1).max(65_535).optional(),
});

/**
 * Headers of the status page: no script, nothing of another origin, no frame around it, and no address of it,
 * which holds the token, for anybody.
 */
const pageHeaders = {
  "content-security-policy":
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  "cache-control": "no-store",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
};

/**
 * What the local cloud offers besides Cloudflare's API. All of it needs a token, since other people use this
 * machine, too; only the page's style and icon, which tell nothing, do not.
 */
export function createOwnEndpoints(cloud: Cloud): Hono<{ Bindings: HttpBindings }> {
  const app = new Hono<{ Bindings: HttpBindings }>();
  for (const path of ["/_style.css", "/_icon.svg"]) app.get(path, () => serveAsset(path));
  app.use(async (context, next) => {
    const given = context.req.query("token");
    // A browser sends no header: the address of the page brings the token.
    const isPage = context.req.path === "/" && given !== undefined;
    const headers = isPage ? { authorization: `Bearer ${given}` } : context.req.raw.headers;
    findToken(cloud.records, new Headers(headers));
    return next();
  });
  const showPage = async (url: string, problem?: string) => {
    const { origin, searchParams } = new URL(url);
    const page = await renderStatusPage(cloud, { view: readView(searchParams), origin, problem });
    const headers = { ...pageHeaders, "content-type": "text/html; charset=utf-8" };
    return new Response(String(page), { status: problem === undefined ? 200 : 400, headers });
  };
  app.get("/", (context) => showPage(context.req.url));
  // A form of the page. Another site cannot send one: it does not know the token.
  app.post("/", async (context) => {
    const body = new TextDecoder().decode(await readBody(context.env.incoming));
    const problem = takeFaultForm(cloud, new URLSearchParams(body));
    if (problem !== undefined) return showPage(context.req.url, problem);
    const view = readView(new URL(context.req.url).searchParams);
    return new Response(null, {
      status: 303,
      headers: { ...pageHeaders, location: toAddress(view, {}, "faults") },
    });
  });
  app.get("/_calls", (context) => context.json(cloud.journal.list()));
  app.get("/_ports", (context) => context.json(cloud.ports.list()));
  app.post("/_ports", async (context) => {
    const { script, account, port } = await readJson(context.env.incoming, portBody);
    const owner = account ?? cloud.records.accounts.list().at(0)?.id ?? "";
    if (cloud.records.accounts.get(owner) === undefined) {
      throw fail(403, 10000, `account: there is no account ${owner}.`);
    }
    const given = await cloud.ports.assign(owner, script, port).catch((error: unknown) => {
      if (error instanceof UserError) throw fail(409, 1, `port: ${error.message}`);
      throw error;
    });
    return context.json({ script, port: given, origin: `http://localhost:${given}` });
  });
  app.get("/_faults", (context) => context.json(cloud.faults.list()));
  app.post("/_faults", async (context) => {
    const fault = await readJson(context.env.incoming, faultSchema);
    try {
      cloud.faults.add(fault);
    } catch (error) {
      throw fail(400, 1, `path: ${error instanceof Error ? error.message : error}`);
    }
    return context.json(cloud.faults.list());
  });
  app.delete("/_faults", (context) => {
    cloud.faults.clear();
    return context.json([]);
  });
  app.onError((error) => {
    if (!(error instanceof ApiError)) throw error;
    return toResponse(error);
  });
  return app;
}

async function readJson<Schema extends z.ZodType>(
  incoming: IncomingMessage,
  schema: Schema,
): Promise<z.infer<Schema>> {
  const parsed = schema.safeParse(parse(await readBody(incoming)));
  if (parsed.success) return parsed.data;
  throw fail(400, 1, z.prettifyError(parsed.error).replaceAll("\n", " "));
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
}
