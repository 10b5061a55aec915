import type { WorkerSettings } from "../env.ts";
import { addCompanyGrant } from "./company/way-in.ts";
import { addMachineGrants, type ServerMetadata } from "./machines/way-in.ts";

/**
 * The authorization server's metadata with `none` before the methods that need a secret. The list has no
 * order of preference (RFC 8414 section 2), but clients take its first entry: the C# SDK then sends HTTP
 * Basic for a client that has no secret (csharp-sdk#1612). Almost every MCP client is public. A
 * registration that names no method is `client_secret_basic` as before (RFC 7591 section 2). After them come the
 * methods of the stack's machine clients and companies.
 */
export async function listPublicFirst(
  response: Response,
  settings: WorkerSettings,
): Promise<Response> {
  if (!response.ok || response.body === null) return response;
  const known = (await response.json()) as ServerMetadata;
  const metadata = addCompanyGrant(addMachineGrants(known, settings), settings);
  const methods = metadata.token_endpoint_auth_methods_supported ?? [];
  const isPublic = (method: string) => method === "none";
  const headers = new Headers(response.headers);
  headers.delete("content-length");
  return Response.json(
    {
      ...metadata,
      token_endpoint_auth_methods_supported: [
        ...methods.filter(isPublic),
        ...methods.filter((method) => !isPublic(method)),
      ],
    },
    { headers },
  );
}
