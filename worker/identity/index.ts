import type { WorkerSettings } from "../env.ts";
import { demo } from "./demo.ts";
import type { IdentityMethod } from "./identity.ts";

const methods: Record<WorkerSettings["identity"]["method"], IdentityMethod> = { demo };

/** The identity method that the settings name. */
export function selectIdentity(settings: WorkerSettings): IdentityMethod {
  return methods[settings.identity.method];
}
