import { DurableObject } from "cloudflare:workers";
import type { WorkerEnv } from "../env.ts";

/** Takes the token requests of one grant one after the other. */
export class TokenGate extends DurableObject<WorkerEnv> {}
