import { lookup } from "node:dns/promises";
import { BlockList, isIP } from "node:net";
import { connect, type DetailedPeerCertificate, type TLSSocket } from "node:tls";
import { isLoopback } from "../../../../infra/loopback.ts";
import { type Check, type Finding, failed, ok, warning } from "../check.ts";
import type { Examination } from "../examination.ts";
import { explainFault } from "../faults.ts";
import { look } from "../look.ts";
import { findBarrier } from "./barriers.ts";

const runbook = "no-answer";

/** Days of a certificate below which somebody should look why it is not renewed. */
const fewDays = 14;

/** Milliseconds for a TLS handshake. */
const handshakeLimit = 10_000;

/** The server's name leads somewhere. */
export const dns: Check = {
  id: "dns",
  title: "The server's name resolves",
  runbook,
  async run({ origin }) {
    const host = toHost(origin);
    if (isIP(host)) return ok(`${host} is an address, no name.`);
    const found = await lookup(host, { all: true });
    const addresses = [...new Set(found.map(({ address }) => address))].join(", ");
    const here = isLoopback(origin) ? ", this machine: clients elsewhere do not reach it" : "";
    const isPrivate = found.every(({ address }) =>
      privateAddresses.check(address, toFamily(address)),
    );
    if (!isPrivate || here) return ok(`${host} is ${addresses}${here}.`);
    return warning(
      `${host} is ${addresses}, in a private network.`,
      "Hosted clients, such as Claude and ChatGPT on the web, cannot reach it: give the name a public address.",
    );
  },
};

/** The connection is encrypted, with a certificate that clients accept. */
export const tls: Check = {
  id: "tls",
  title: "The connection is encrypted, or stays on this machine",
  runbook,
  needs: ["dns"],
  async run({ origin }) {
    if (new URL(origin).protocol === "http:") {
      if (isLoopback(origin)) return ok("http on this machine, where OAuth allows it.");
      return failed(
        `${origin} is not encrypted: anybody on the way reads the tokens, and clients refuse it.`,
        "Use the address with https.",
      );
    }
    return judgeCertificate(origin);
  },
};

/** Something answers HTTP, and the endpoint is there. */
export const answers: Check = {
  id: "answers",
  isGround: true,
  title: "The server answers",
  runbook,
  needs: ["dns", "tls"],
  async run(examination) {
    const { mcp } = examination.endpoints;
    const answer = await look(examination, mcp, { method: "POST" });
    const { status, url } = answer;
    // A firewall's 503 is the next line's.
    if (status >= 500 && !findBarrier(answer)) {
      return failed(
        `${url} answers ${status}.`,
        status >= 520
          ? "Cloudflare answers in the server's place: check whether a Worker is deployed at this name (`npx pulumi stack output url`), and read its log."
          : "Look in the server's log: `npx wrangler tail` shows a Worker's.",
      );
    }
    if (status !== 404) return ok(`${url} answers ${status}.`);
    return failed(
      `${url} answers 404: nothing is there.`,
      "Give the address of the MCP endpoint itself, as a client is given it.",
    );
  },
};

async function judgeCertificate(origin: string): Promise<Finding> {
  const { authorized, authorizationError, certificate, protocol } = await shakeHands(origin);
  if (!authorized) {
    const fault = explainFault(Object.assign(new Error(), { code: String(authorizationError) }));
    return failed(
      `${origin}: ${fault?.reason ?? `the certificate is refused (${authorizationError})`}.`,
      fault?.remedy ?? "Renew the certificate.",
    );
  }
  const days = Math.floor((Date.parse(certificate.valid_to) - Date.now()) / 86_400_000);
  const found = `${protocol}; the certificate is valid for ${days} more days.`;
  if (days >= fewDays) return ok(found);
  return warning(found, "Find out why it is not renewed: Cloudflare renews its own a month ahead.");
}

interface Handshake {
  readonly authorized: boolean;
  readonly authorizationError: unknown;
  readonly certificate: DetailedPeerCertificate;
  readonly protocol: string | null;
}

function shakeHands(origin: string): Promise<Handshake> {
  const { port } = new URL(origin);
  const host = toHost(origin);
  const { promise, resolve, reject } = Promise.withResolvers<Handshake>();
  // Looked at whatever it is; no byte of a request goes over this connection.
  const socket: TLSSocket = connect({
    host,
    port: Number(port || 443),
    ...(isIP(host) === 0 && { servername: host }),
    rejectUnauthorized: false,
    timeout: handshakeLimit,
  });
  socket.on("secureConnect", () => {
    const { authorized, authorizationError } = socket;
    const certificate = socket.getPeerCertificate(true);
    resolve({ authorized, authorizationError, certificate, protocol: socket.getProtocol() });
    socket.destroy();
  });
  socket.on("timeout", () => socket.destroy(Object.assign(new Error(), { code: "ETIMEDOUT" })));
  socket.on("error", reject);
  return promise;
}

/** Host of an origin, without the brackets of IPv6. */
function toHost(origin: Examination["origin"]): string {
  return new URL(origin).hostname.replace(/^\[|\]$/g, "");
}

function toFamily(address: string): "ipv4" | "ipv6" {
  return isIP(address) === 6 ? "ipv6" : "ipv4";
}

/** RFC 1918, RFC 6598, RFC 3927, RFC 4193, RFC 4291, and this machine. */
const privateAddresses = new BlockList();
for (const [net, prefix] of [
  ["10.0.0.0", 8],
  ["172.16.0.0", 12],
  ["192.168.0.0", 16],
  ["100.64.0.0", 10],
  ["169.254.0.0", 16],
  ["127.0.0.0", 8],
] as const) {
  privateAddresses.addSubnet(net, prefix, "ipv4");
}
privateAddresses.addSubnet("fc00::", 7, "ipv6");
privateAddresses.addSubnet("fe80::", 10, "ipv6");
privateAddresses.addSubnet("::1", 128, "ipv6");
