import type { ClientOrigin } from "../oauth/clients/client-facts.ts";

/** Says whether a client is who it says it is. */
export function ClientBadge({ origin }: { readonly origin: ClientOrigin }) {
  switch (origin.kind) {
    case "domain":
      return (
        <>
          <strong class="domain">{origin.domain}</strong>{" "}
          <span class="badge good">Verified domain</span>
        </>
      );
    case "pre-registered":
      return <span class="badge good">Set up by whoever runs this server</span>;
    case "unverified":
      return <span class="badge">Unverified</span>;
  }
}
