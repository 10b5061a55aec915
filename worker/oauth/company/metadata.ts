import type { WorkerSettings } from "../../env.ts";
import { jwtBearerGrant } from "../grant-types.ts";
import type { ServerMetadata } from "../machines/metadata.ts";

/** The grant profile from which a client learns that companies' assertions are accepted here. */
const idJagProfile = "urn:ietf:params:oauth:grant-profile:id-jag";

/** Adds to the metadata that companies' assertions are accepted. Without an issuer, it stays unchanged. */
export function addCompanyGrant<Metadata extends ServerMetadata>(
  metadata: Metadata,
  { enterprise }: Pick<WorkerSettings, "enterprise">,
): Metadata {
  if (enterprise === undefined) return metadata;
  const grants = new Set([...(metadata.grant_types_supported ?? []), jwtBearerGrant]);
  return {
    ...metadata,
    grant_types_supported: [...grants],
    authorization_grant_profiles_supported: [idJagProfile],
  };
}
