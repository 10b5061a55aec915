import { env } from "cloudflare:workers";
import type { WorkerEnv } from "../../../worker/env.ts";
import { workerBindings } from "../worker-settings.ts";

/** What a Worker is given in a test: the storage of the test's runtime, and the settings and keys of its stack. */
export const workerEnv: WorkerEnv = { ...(env as unknown as WorkerEnv), ...workerBindings };
