import type { IdentityMethodName, WorkerSettings } from "../env.ts";
import { access } from "./access.ts";
import { demo } from "./demo.ts";
import { github } from "./github.ts";
import type { IdentityMethod } from "./identity.ts";
import { oidc } from "./oidc.ts";

/** Every identity method, one line each. */
const methods: Record<IdentityMethodName, IdentityMethod> = { demo, github, oidc, access };

/** The identity method that the settings name. */
export function selectIdentity(settings: WorkerSettings): IdentityMethod {
  return methods[settings.identity.method];
}
