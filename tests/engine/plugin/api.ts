import { setTimeout } from "node:timers/promises";
import type { Config } from "./config.ts";
import { chooseWait, isRetryable, maxRetries } from "./retry.ts";
import { isValues, type Value } from "./values.ts";

/** A call of the API. */
export interface ApiRequest {
  readonly method: string;
  /** From the base URL on, with the query. */
  readonly path: string;
  /** Default: `application/json`. */
  readonly accept?: string;
  readonly body?: { readonly type: string; readonly bytes: Buffer };
  readonly headers?: Readonly<Record<string, string>>;
}

/** What the API said. */
export interface ApiAnswer {
  readonly status: number;
  readonly type: string;
  readonly bytes: Buffer;
}

/** A call that the API refused. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly status: number;

  constructor(message: string, status: number) {
    super(message);
    this.status = status;
  }
}

/** The Cloudflare API, with the retries of the real provider. */
export class CloudflareApi {
  readonly #config: Config;
  readonly #ended: AbortSignal | undefined;

  /** @param ended when no call may go on. Default: nothing says so. */
  constructor(config: Config, ended?: AbortSignal) {
    this.#config = config;
    this.#ended = ended;
  }

  /**
   * Calls the API, again and again as far as it makes sense.
   * @throws ApiError with the address, the status and what the API says; never with what was sent.
   */
  async call(request: ApiRequest): Promise<ApiAnswer> {
    const url = `${this.#config.baseUrl}${request.path}`;
    const signal = this.#ended;
    for (let retry = 0; ; retry += 1) {
      const tried = await this.#try(url, request, retry);
      const mayRetry = tried.response
        ? isRetryable(tried.response.status, tried.response.headers)
        : true;
      if (!mayRetry || retry === maxRetries) return finish(`${request.method} "${url}"`, tried);
      const wait = chooseWait(retry, tried.response?.headers, Math.random());
      await setTimeout(wait * this.#config.retryScale, undefined, { signal });
    }
  }

  /** Calls the API and gives back `result` of its answer. */
  async callJson(request: ApiRequest): Promise<Value> {
    const { bytes } = await this.call(request);
    // An empty body is what the real provider forgives after deleting a custom domain.
    if (bytes.length === 0) return null;
    const envelope = JSON.parse(bytes.toString()) as Value;
    return isValues(envelope) ? (envelope.result ?? null) : null;
  }

  async #try(url: string, request: ApiRequest, retry: number): Promise<Tried> {
    const { method, body, accept = "application/json" } = request;
    try {
      const response = await fetch(url, {
        method,
        headers: {
          accept,
          // A connection is no other plugin's of this process, and none is left from before.
          connection: "close",
          authorization: `Bearer ${this.#config.apiToken}`,
          "user-agent": "terraform-provider-cloudflare/stand-in",
          "x-stainless-retry-count": String(retry),
          ...(body && { "content-type": body.type }),
          ...request.headers,
        },
        ...(this.#ended && { signal: this.#ended }),
        ...(body && { body: new Uint8Array(body.bytes) }),
      });
      // A body that is cut off fails here, and counts as no answer.
      return { response, bytes: Buffer.from(await response.arrayBuffer()) };
    } catch (error) {
      return { reason: describe(error) };
    }
  }
}

type Tried =
  | { readonly response: Response; readonly bytes: Buffer }
  | { readonly response?: never; readonly reason: string };

function finish(what: string, tried: Tried): ApiAnswer {
  if (!tried.response) {
    throw new ApiError(`failed to make http request: ${what}: no answer: ${tried.reason}`, 0);
  }
  const { response, bytes } = tried;
  const { status, statusText } = response;
  if (status >= 400) {
    const said = bytes.toString().trim();
    throw new ApiError(
      `failed to make http request: ${what}: ${status} ${statusText} ${said}`,
      status,
    );
  }
  return { status, type: response.headers.get("content-type") ?? "", bytes };
}

/** The reason in the words of the system: fetch itself says only that it failed. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}
