import { SdkHttpError } from "@modelcontextprotocol/client";
import { SseError } from "@modelcontextprotocol/sdk/client/sse.js";
import { StreamableHTTPError } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import {
  AuthorizationResponseError,
  OperationProcessingError,
  ResponseBodyError,
  UnsupportedOperationError,
  WWWAuthenticateChallengeError,
} from "oauth4webapi";

export interface OAuthRefusal {
  readonly status: number;
  /** `error` of the answer (RFC 6749 section 5.2). */
  readonly code: string;
}

/** Reads a refusal in OAuth's own form; undefined for any other error. */
export function readRefusal(error: unknown): OAuthRefusal | undefined {
  if (error instanceof ResponseBodyError) return { status: error.status, code: error.error };
  if (error instanceof WWWAuthenticateChallengeError) {
    return { status: error.status, code: error.cause[0]?.parameters.error ?? "no error code" };
  }
  return undefined;
}

/**
 * What was wrong with the answer to an OAuth request, as the end of a sentence.
 * @throws the error itself if it says nothing of the answer: a fault of doctor's, or of the network.
 */
export function explainOAuthError(error: unknown): string {
  if (error instanceof AuthorizationResponseError) {
    return describe(error.error, error.error_description);
  }
  if (error instanceof ResponseBodyError) {
    return `${error.status} ${describe(error.error, error.error_description)}`;
  }
  const refusal = readRefusal(error);
  if (refusal !== undefined) return `${refusal.status} ${refusal.code}`;
  if (error instanceof OperationProcessingError || error instanceof UnsupportedOperationError) {
    const { cause } = error;
    // What is not an OAuth answer at all: a page of a proxy, mostly.
    if (cause instanceof Response) return `${cause.status}, which is not an OAuth answer`;
    return error.message;
  }
  throw error;
}

export interface McpFailure {
  /** Status of the HTTP answer, if that was it. */
  readonly status?: number;
  /** Code of a JSON-RPC error, if the server answered one. */
  readonly code?: number;
  /** In words, short. */
  readonly text: string;
}

export function readMcpError(error: unknown): McpFailure {
  const message = error instanceof Error ? error.message : String(error);
  const body = SdkHttpError.isInstance(error) ? String(error.data.text) : message;
  const status = readStatus(error);
  const code = readRpcCode(error) ?? readCodeIn(body);
  const said = /"message"\s*:\s*"([^"]*)"/.exec(body)?.[1];
  const answered = `the server answered ${status}${said === undefined ? "" : `, ${said}`}`;
  return {
    // The body of an answer may be a page.
    text: (status === undefined ? (message.split("\n")[0] ?? "") : answered).slice(0, 200),
    ...(status !== undefined && { status }),
    ...(code !== undefined && { code }),
  };
}

function readStatus(error: unknown): number | undefined {
  if (SdkHttpError.isInstance(error)) return error.status;
  if (error instanceof StreamableHTTPError || error instanceof SseError) return error.code;
  return undefined;
}

function readRpcCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  const { code } = error;
  return typeof code === "number" && code < 0 ? code : undefined;
}

/** The code of the JSON-RPC error in the body of an answer. */
export function readCodeIn(body: string): number | undefined {
  const code = /"code"\s*:\s*(-\d+)/.exec(body)?.[1];
  return code === undefined ? undefined : Number(code);
}

function describe(code: string, description: string | undefined): string {
  return description === undefined ? code : `${code}: ${description.slice(0, 200)}`;
}
