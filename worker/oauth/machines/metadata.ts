import type { WorkerSettings } from "../../env.ts";
import { assertionAlgorithms } from "../assertions/verify.ts";
import { clientCredentialsGrant, jwtBearerGrant } from "../grant-types.ts";
import { listWorkloads } from "./workload.ts";

/** The part of the authorization server's metadata (RFC 8414) that ways in add to. */
export interface ServerMetadata {
  readonly grant_types_supported?: readonly string[];
  readonly token_endpoint_auth_methods_supported?: readonly string[];
  readonly token_endpoint_auth_signing_alg_values_supported?: readonly string[];
}

/** Adds to the metadata how the stack's machine clients get a token. Without any, it stays unchanged. */
export function addMachineGrants<Metadata extends ServerMetadata>(
  metadata: Metadata,
  settings: Pick<WorkerSettings, "machines">,
): Metadata {
  const { machines = [] } = settings;
  if (machines.length === 0) return metadata;
  const signs = machines.some((machine) => machine.keys ?? machine.keysUrl);
  const grants = [
    ...(metadata.grant_types_supported ?? []),
    clientCredentialsGrant,
    ...(listWorkloads(settings).length > 0 ? [jwtBearerGrant] : []),
  ];
  const methods = [
    ...(metadata.token_endpoint_auth_methods_supported ?? []),
    ...(signs ? ["private_key_jwt"] : []),
  ];
  return {
    ...metadata,
    grant_types_supported: [...new Set(grants)],
    token_endpoint_auth_methods_supported: [...new Set(methods)],
    ...(signs && { token_endpoint_auth_signing_alg_values_supported: assertionAlgorithms }),
  };
}
