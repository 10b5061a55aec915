import type { WorkerOptions } from "miniflare";
import { listExtraCertificates } from "./load-miniflare.ts";
import type { OutboundService } from "./runtime.ts";
import type { WorkerSpec } from "./worker-spec.ts";

/** The compatibility flag by which a Worker asks for public addresses only. */
const strictlyPublic = "global_fetch_strictly_public";

/** Ranges that `public` leaves open and that lead back into a private network or to nobody. */
const deny = [
  "0.0.0.0/8",
  // Benchmarks (RFC 2544), and addresses that hold an IPv4 address: NAT64 and 6to4.
  "198.18.0.0/15",
  "64:ff9b::/96",
  "64:ff9b:1::/48",
  "2002::/16",
];

/**
 * What a Worker can reach. One with the flag reaches public addresses only, as at Cloudflare: workerd
 * looks at each address that it connects to, so neither a name that resolves to a private one nor a
 * redirect nor a name that resolves differently the second time leads there. This machine's own address
 * is private too, so a Worker does not reach itself by its URL here; at Cloudflare it would.
 * @param outbound takes the place of the network, in tests.
 */
export function toReachableNetwork(
  { compatibilityFlags }: WorkerSpec,
  outbound: OutboundService | undefined,
): Pick<WorkerOptions, "outboundService"> | object {
  if (outbound !== undefined) return { outboundService: outbound };
  if (!compatibilityFlags.includes(strictlyPublic)) return {};
  const trustedCertificates = listExtraCertificates();
  const tlsOptions = { trustBrowserCas: true, trustedCertificates };
  return { outboundService: { network: { allow: ["public"], deny, tlsOptions } } };
}
