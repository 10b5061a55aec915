/** Bits of an IPv6 address that one household or server has to itself: providers give a /56 (RFC 6177), rarely less. */
const networkBits = 56;

/** The most bits of one site: larger ones and tunnels are given a /48 (RFC 6177). */
const siteBits = 48;

/**
 * The network a request comes from, which is what one caller can speak from: an IPv4 address, or the
 * first 56 bits of an IPv6 address. Empty if the header is missing. Cloudflare sets it, and replaces whatever
 * a client claims there.
 */
export function readAddress(request: Request): string {
  const address = readHeader(request);
  return toNetwork(address, networkBits) ?? address;
}

/** The site that an IPv6 network may be one of 256 of; undefined for any other address. */
export function readSite(request: Request): string | undefined {
  return toNetwork(readHeader(request), siteBits);
}

function readHeader(request: Request): string {
  return request.headers.get("cf-connecting-ip") ?? "";
}

/** Groups in an IPv6 address, and bits of each. */
const groupCount = 8;
const groupBits = 16;

/** The first bits of an IPv6 address, in one spelling (RFC 5952); undefined for anything else. */
function toNetwork(address: string, bits: number): string | undefined {
  if (!address.includes(":") || !URL.canParse(`http://[${address}]`)) return undefined;
  const canonical = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [left = "", right] = canonical.split("::");
  const before = left.split(":").filter(Boolean);
  const after = (right ?? "").split(":").filter(Boolean);
  const zeros = Array<string>(groupCount - before.length - after.length).fill("0");
  const groups = [...before, ...zeros, ...after];
  // An IPv4 address in IPv6 (RFC 4291 section 2.5.5.2): all of them have the same first bits.
  if (groups.slice(0, 6).join(":") === "0:0:0:0:0:ffff") return canonical;
  const kept = groups.slice(0, Math.ceil(bits / groupBits)).map((group, index) => {
    const over = Math.max(0, (index + 1) * groupBits - bits);
    return ((Number.parseInt(group, 16) >> over) << over).toString(16);
  });
  return `${kept.join(":")}::/${bits}`;
}
