/** The fixture's Worker, whose gates never give the answer of a rotation again: a mistake on purpose. */
import { TokenGate as ProductGate } from "../../../worker/oauth/token-gate.ts";

export {
  default,
  McpSession,
  PersonState,
  PurgeRun,
  Throttle,
  Transaction,
} from "../../fixture/worker.ts";

/** Keys of KV that a gate remembers; what else it keeps is about answers that it gave. */
const ofKv = /^(?:grant|token|ended)\b/;

/** Forgets before each request which answers it gave. One request at a time all the same. */
export class TokenGate extends ProductGate {
  #last: Promise<unknown> = Promise.resolve();

  override answer(request: Request): Promise<Response> {
    const answered = this.#last.then(async () => {
      const { storage } = this.ctx;
      for (const key of (await storage.list()).keys()) {
        if (!ofKv.test(key)) await storage.delete(key);
      }
      // Another one has nothing in memory.
      return new ProductGate(this.ctx, this.env).answer(request);
    });
    this.#last = answered.catch(() => undefined);
    return answered;
  }

  override look(...asked: Parameters<ProductGate["look"]>): ReturnType<ProductGate["look"]> {
    return new ProductGate(this.ctx, this.env).look(...asked);
  }
}
