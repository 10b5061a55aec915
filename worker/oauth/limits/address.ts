/**
 * The network a request comes from, which is what one caller can speak from: an IPv4 address, or the
 * first 64 bits of an IPv6 address, all of which one household or server has (RFC 6177). Empty where
 * nobody says it. Cloudflare sets the header; whatever a client claims there is replaced.
 */
export function readAddress(request: Request): string {
  const address = request.headers.get("cf-connecting-ip") ?? "";
  return address.includes(":") ? toNetwork(address) : address;
}

/** Groups of 16 bits in an IPv6 address, and in the part of it that counts. */
const groupCount = 8;
const networkGroups = 4;

function toNetwork(address: string): string {
  if (!URL.canParse(`http://[${address}]`)) return address;
  // In one spelling only (RFC 5952).
  const canonical = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [left = "", right] = canonical.split("::");
  const before = left.split(":").filter(Boolean);
  const after = (right ?? "").split(":").filter(Boolean);
  const zeros = Array<string>(groupCount - before.length - after.length).fill("0");
  const groups = [...before, ...zeros, ...after];
  // An IPv4 address in IPv6 (RFC 4291 section 2.5.5.2): all of them have the same 64 bits.
  if (groups.slice(0, 6).join(":") === "0:0:0:0:0:ffff") return canonical;
  return `${groups.slice(0, networkGroups).join(":")}::/64`;
}
