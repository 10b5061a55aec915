import type { ContentfulStatusCode } from "hono/utils/http-status";

/** One entry of the envelope's `errors`. */
export interface ErrorEntry {
  readonly code: number;
  readonly message: string;
  readonly error_chain?: readonly { readonly code: number; readonly message: string }[];
}

/** An answer that is not a success: HTTP status and what is in the envelope's `errors`. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly status: ContentfulStatusCode;
  readonly entry: ErrorEntry;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: ContentfulStatusCode,
    entry: ErrorEntry,
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(`${entry.message} (${entry.code})`);
    this.status = status;
    this.entry = entry;
    this.headers = headers;
  }
}

/** An error with Cloudflare's code and HTTP status. Those of Workers are listed at their docs' API errors page. */
export function fail(status: ContentfulStatusCode, code: number, message: string): ApiError {
  return new ApiError(status, { code, message });
}

export function toResponse(error: ApiError, headers: Record<string, string> = {}): Response {
  return Response.json(
    { success: false, errors: [error.entry], messages: [], result: null },
    { status: error.status, headers: { ...headers, ...error.headers } },
  );
}
