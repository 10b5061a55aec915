import { DurableObject } from "cloudflare:workers";
import type { WorkerEnv } from "../env.ts";

/** Runs the clean-up, one at a time. */
export class PurgeRun extends DurableObject<WorkerEnv> {}
