interface Words {
  readonly reason: string;
  readonly remedy: string;
}

const unreachable = "Check that the server is running, and that address and port are right.";
const certificate =
  "Renew the certificate, or let Cloudflare issue it: a custom domain and workers.dev have one of their own.";

/** By the code of Node, of its TLS or of its fetch. */
const words: Readonly<Record<string, Words>> = {
  ENOTFOUND: {
    reason: "the name resolves to no address",
    remedy: "Check the name for a typo; a new domain's DNS record takes minutes to be seen.",
  },
  EAI_AGAIN: {
    reason: "no name server answered",
    remedy: "Check that this machine is online; then try again.",
  },
  ECONNREFUSED: {
    reason: "nothing listens there: the connection was refused",
    remedy: unreachable,
  },
  ECONNRESET: { reason: "the connection was cut off", remedy: unreachable },
  UND_ERR_SOCKET: { reason: "the connection was cut off", remedy: unreachable },
  EHOSTUNREACH: { reason: "there is no way to the address", remedy: unreachable },
  ENETUNREACH: { reason: "there is no way to the address", remedy: unreachable },
  ETIMEDOUT: { reason: "nothing answered in time", remedy: unreachable },
  UND_ERR_CONNECT_TIMEOUT: { reason: "nothing answered in time", remedy: unreachable },
  TimeoutError: {
    reason: "the answer took more than 10 seconds, which is all that hosted Claude gives it",
    remedy: "Look in the server's log for what takes so long.",
  },
  CERT_HAS_EXPIRED: { reason: "the certificate has expired", remedy: certificate },
  CERT_NOT_YET_VALID: { reason: "the certificate is not valid yet", remedy: certificate },
  DEPTH_ZERO_SELF_SIGNED_CERT: {
    reason: "the certificate is signed by nobody but itself",
    remedy: certificate,
  },
  SELF_SIGNED_CERT_IN_CHAIN: {
    reason: "the certificate comes from an authority that nobody knows",
    remedy: certificate,
  },
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: {
    reason: "the certificate comes from an authority that nobody knows",
    remedy: certificate,
  },
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: {
    reason: "the chain of certificates is incomplete",
    remedy: "Let the server send its intermediate certificates as well.",
  },
  ERR_TLS_CERT_ALTNAME_INVALID: {
    reason: "the certificate is for another name",
    remedy: "Get a certificate for this very name.",
  },
  EPROTO: {
    reason: "it does not speak TLS there",
    remedy: "Check whether the address should begin with http, or the port is another one.",
  },
  ERR_SSL_WRONG_VERSION_NUMBER: {
    reason: "it does not speak TLS there",
    remedy: "Check whether the address should begin with http, or the port is another one.",
  },
};

/** Words for a fault of the network; undefined for any other error. */
export function explainFault(error: unknown): Words | undefined {
  for (const code of listCodes(error)) {
    if (Object.hasOwn(words, code)) return words[code];
    if (code.startsWith("ERR_SSL_")) return words.EPROTO;
  }
  return undefined;
}

/** Codes of an error, of its causes and of the errors it gathers. */
function listCodes(error: unknown): string[] {
  if (!(error instanceof Error)) return [];
  const code = "code" in error && typeof error.code === "string" ? [error.code] : [];
  const gathered = error instanceof AggregateError ? error.errors.flatMap(listCodes) : [];
  return [...code, ...listCodes(error.cause), ...gathered, error.name];
}
