import { Hono } from "hono";
import * as z from "zod";
import { UserError } from "../errors.ts";
import { ApiError, fail } from "./api-error.ts";
import { findToken } from "./authorization.ts";
import type { Cloud } from "./cloud.ts";
import { faultSchema } from "./faults.ts";
import { renderStatusPage } from "./status-page.ts";

const portBody = z.object({
  script: z.string().min(1),
  /** Default: the first account. */
  account: z.string().optional(),
  /** Default: the one it has, else the next free one. */
  port: z.int().min(1).max(65_535).optional(),
});

/** What the local cloud offers besides Cloudflare's API. Whatever changes something needs a token. */
export function createOwnEndpoints(cloud: Cloud): Hono {
  const app = new Hono();
  app.get("/", (context) => {
    context.header("content-security-policy", "default-src 'none'; style-src 'unsafe-inline'");
    context.header("cache-control", "no-store");
    return context.html(renderStatusPage(cloud));
  });
  app.get("/_calls", (context) => context.json(cloud.journal.list()));
  app.get("/_ports", (context) => context.json(cloud.ports.list()));
  app.post("/_ports", async (context) => {
    findToken(cloud.records, context.req.raw.headers);
    const { script, account, port } = await readBody(context.req.raw, portBody);
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
    findToken(cloud.records, context.req.raw.headers);
    const fault = await readBody(context.req.raw, faultSchema);
    try {
      cloud.faults.add(fault);
    } catch (error) {
      throw fail(400, 1, `path: ${error instanceof Error ? error.message : error}`);
    }
    return context.json(cloud.faults.list());
  });
  app.delete("/_faults", (context) => {
    findToken(cloud.records, context.req.raw.headers);
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

async function readBody<Schema extends z.ZodType>(
  request: Request,
  schema: Schema,
): Promise<z.infer<Schema>> {
  const parsed = schema.safeParse(await request.json().catch(() => undefined));
  if (parsed.success) return parsed.data;
  throw fail(400, 1, z.prettifyError(parsed.error).replaceAll("\n", " "));
}
