/** Whether a URL leads to this machine: localhost, 127.0.0.0/8 or ::1 (RFC 8252 section 7.3). */
export function isLoopback(url: string | undefined): boolean {
  if (url === undefined || !URL.canParse(url)) return false;
  const { hostname } = new URL(url);
  return hostname === "localhost" || hostname === "[::1]" || /^127(\.\d+){3}$/.test(hostname);
}
