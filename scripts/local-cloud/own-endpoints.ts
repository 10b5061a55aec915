import type { IncomingMessage } from "node:http";
import type { HttpBindings } from "@hono/node-server";
import { Hono } from "hono";
import * as z from "zod";
import { UserError } from "../errors.ts";
import { ApiError, fail } from "./api-error.ts";
import { findToken } from "./authorization.ts";
import type { Cloud } from "./cloud.ts";
import { faultSchema } from "./faults.ts";
import { readBody } from "./read-body.ts";
import { renderStatusPage } from "./status-page.ts";

const portBody = z.object({
  script: z.string().min(1),
  /** Default: the first account. */
  account: z.string().optional(),
  /** Default: the one it has, else the next free one. */
  port: z.int().min(1).max(65_535).optional(),
});

/** What the local cloud offers besides Cloudflare's API. All of it needs a token: other people use this machine, too. */
export function createOwnEndpoints(cloud: Cloud): Hono<{ Bindings: HttpBindings }> {
  const app = new Hono<{ Bindings: HttpBindings }>();
  app.use(async (context, next) => {
    const given = context.req.query("token");
    // A browser sends no header: the address of the page brings the token.
    const isPage = context.req.path === "/" && given !== undefined;
    const headers = isPage ? { authorization: `Bearer ${given}` } : context.req.raw.headers;
    findToken(cloud.records, new Headers(headers));
    return next();
  });
  app.get("/", (context) => {
    context.header("content-security-policy", "default-src 'none'; style-src 'unsafe-inline'");
    context.header("cache-control", "no-store");
    context.header("referrer-policy", "no-referrer");
    return context.html(renderStatusPage(cloud));
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
    return Response.json(
      { success: false, errors: [error.entry], messages: [], result: null },
      { status: error.status },
    );
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
