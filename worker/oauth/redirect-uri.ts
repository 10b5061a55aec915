/** A redirect URI of a program on the person's own computer: the part before its port, the port, and the rest. */
const loopback = /^(http:\/\/(?:127\.0\.0\.1|\[::1\]|localhost))(?::([1-9]\d{0,4}))?([/?].*)?$/;

/**
 * Whether a redirect URI is one that the client registered: the same text, character by character (RFC
 * 9700 section 4.1.3), except for the port of a program on the person's own computer, which takes whichever
 * is free (RFC 8252 section 7.3). The RFC means IP addresses; `localhost` is treated alike, since
 * clients register it without a port. Nothing is parsed as a URL first: that would make `LOCALHOST`,
 * `127.1` and `/x/../callback` the same as what was registered, as the OAuth library does.
 */
export function isRegisteredRedirect(asked: string, registered: readonly string[]): boolean {
  return registered.some((known) => known === asked || differInPort(known, asked));
}

function differInPort(known: string, asked: string): boolean {
  const [, knownHost, , knownRest] = loopback.exec(known) ?? [];
  const [, host, port = "80", rest] = loopback.exec(asked) ?? [];
  return host !== undefined && host === knownHost && rest === knownRest && Number(port) <= 65_535;
}
