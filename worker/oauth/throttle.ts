import { DurableObject } from "cloudflare:workers";
import type { WorkerEnv } from "../env.ts";

/** Counts what must hold everywhere, not per location. */
export class Throttle extends DurableObject<WorkerEnv> {}
