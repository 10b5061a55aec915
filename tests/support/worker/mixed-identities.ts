/** The fixture's Worker, which takes one call in five for somebody else's: a mistake on purpose. */
import type { ExecutionContext } from "@cloudflare/workers-types";
import type { WorkerEnv } from "../../../worker/env.ts";
import worker from "../../fixture/worker.ts";

export * from "../../fixture/worker.ts";

/** Who called before. */
let last: string | null = null;
let calls = 0;

export default {
  ...worker,
  fetch(request: Request, env: WorkerEnv, ctx: ExecutionContext): Promise<Response> {
    const own = request.headers.get("authorization");
    if (new URL(request.url).pathname !== "/mcp" || own === null)
      return worker.fetch(request, env, ctx);
    const before = last;
    last = own;
    calls += 1;
    if (calls % 5 > 0 || before === null) return worker.fetch(request, env, ctx);
    const headers = new Headers(request.headers);
    headers.set("authorization", before);
    return worker.fetch(new Request(request, { headers }), env, ctx);
  },
};
