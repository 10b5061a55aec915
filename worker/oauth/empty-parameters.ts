/**
 * The parameters that have a value. The others count as omitted, at the authorization endpoint and
 * at the token endpoint (RFC 6749 sections 3.1 and 3.2). Client libraries write `resource=` or `scope=`
 * if they have nothing to say.
 */
export function dropEmpty(parameters: URLSearchParams): URLSearchParams {
  return new URLSearchParams([...parameters].filter(([, value]) => value !== ""));
}

/** The same request, without the parameters of its query that have no value. */
export function withoutEmptyParameters(request: Request): Request {
  const url = new URL(request.url);
  const kept = dropEmpty(url.searchParams);
  if (kept.size === url.searchParams.size) return request;
  url.search = kept.toString();
  return new Request(url, request);
}
