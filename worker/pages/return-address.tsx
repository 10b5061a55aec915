interface ReturnAddressProps {
  /** Host of the client's redirect URI. */
  readonly host: string;
}

/** Where the browser goes after the answer, in words for people: "127.0.0.1" means little to most. */
export function ReturnAddress({ host }: ReturnAddressProps) {
  if (!isLoopbackHost(host)) return <strong class="domain">{host}</strong>;
  return (
    <>
      <strong>a program on this computer</strong> <span class="small">({host})</span>
    </>
  );
}

/** Whether a host is the person's own computer: those of RFC 8252 section 7.3, and localhost. */
export function isLoopbackHost(host: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|\[?::1\]?)$/i.test(host);
}
