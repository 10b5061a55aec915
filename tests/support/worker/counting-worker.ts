/** The fixture's Worker, which counts what it asks of KV, its token gates included. */
import type { ExecutionContext } from "@cloudflare/workers-types";
import type { WorkerEnv } from "../../../worker/env.ts";
import { TokenGate as ProductGate } from "../../../worker/oauth/token-gate.ts";
import worker from "../../fixture/worker.ts";
import { answerCounts, countKv } from "./count-kv.ts";

export { McpSession, PersonState, PurgeRun, Throttle, Transaction } from "../../fixture/worker.ts";

export class TokenGate extends ProductGate {
  constructor(ctx: ConstructorParameters<typeof ProductGate>[0], env: WorkerEnv) {
    super(ctx, countKv(env));
  }
}

/** One address does here in seconds what many do in a minute. */
const noLimit = { limit: async () => ({ success: true }) };
const noLimits = {
  AUTHORIZE_LIMIT: noLimit,
  SIGN_IN_LIMIT: noLimit,
  TOKEN_LIMIT: noLimit,
  REGISTER_LIMIT: noLimit,
};

export default {
  async fetch(request: Request, env: WorkerEnv, ctx: ExecutionContext): Promise<Response> {
    const own = { ...countKv(env), ...noLimits };
    return answerCounts(request) ?? (await worker.fetch(request, own, ctx));
  },
};
