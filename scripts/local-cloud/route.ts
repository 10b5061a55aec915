import type * as z from "zod";
import type { Cloud } from "./cloud.ts";
import type { Account, JsonObject, Token } from "./records.ts";

/** Permission groups, without "Read" or "Write" at their end. */
export type Permission =
  | "Workers Scripts"
  | "Workers KV Storage"
  | "Workers R2 Storage"
  | "Workers Routes"
  | "D1"
  | "Account Settings"
  | "Account API Tokens"
  | "Access: Apps and Policies"
  | "Zone"
  | "DNS";

/** One API call, as a handler sees it. */
export interface Call {
  /** The named parts of the path. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly request: Request;
  readonly token: Token;
  readonly cloud: Cloud;
  /** The account of the path. @throws Error if the path has none. */
  readonly account: Account;
  /** The body as JSON. @throws ApiError that names the field, with `code`. */
  json<Schema extends z.ZodType>(schema: Schema, code?: number): Promise<z.infer<Schema>>;
}

export interface Answer {
  readonly result: unknown;
  readonly resultInfo?: JsonObject;
  readonly messages?: readonly { readonly code: number; readonly message: string }[];
}

export interface Route {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Under `/client/v4`; `:name` matches one part of the path. */
  readonly path: string;
  /** The permission that a token needs: to read with GET, to write with other methods. None: any valid token. */
  readonly permission?: Permission;
  /** The answer to an unknown token, if it is not the usual one. */
  readonly unknownToken?: () => Error;
  /** Whether it only reads, with another method than GET. */
  readonly isReading?: boolean;
  /** Most bytes of a body; a longer one is 413. Default: 1 MiB. */
  readonly bodyLimit?: number;
  /** A Response goes out as it is; an `Answer` in the envelope. */
  readonly handle: (call: Call) => Answer | Response | Promise<Answer | Response>;
}

/** A row of a table of endpoints: method, path below the table's, what answers, and what else is special. */
type RouteRow = readonly [
  method: Route["method"],
  path: string,
  handle: Route["handle"],
  special?: Pick<Route, "isReading" | "bodyLimit">,
];

/** Endpoints below one path that need one permission. */
export function createRoutes(
  permission: Permission,
  path: string,
  rows: readonly RouteRow[],
): Route[] {
  return rows.map(([method, below, handle, special]) => ({
    method,
    path: `${path}${below}`,
    permission,
    handle,
    ...special,
  }));
}

export function answer(result: unknown): Answer {
  return { result };
}

/**
 * One page of a list. Clients ask for the next page until one is empty, so a page past the end is
 * empty; the totals are right for those that stop by them.
 */
export function answerPage(all: readonly unknown[], query: URLSearchParams, size = 20): Answer {
  const { items, info } = takePage(all, query, size);
  return { result: items, resultInfo: info };
}

/** One page of a list, under `items`. */
export function answerItems(all: readonly unknown[], query: URLSearchParams, size = 20): Answer {
  const { items, info } = takePage(all, query, size);
  return { result: { items }, resultInfo: info };
}

function takePage(all: readonly unknown[], query: URLSearchParams, size: number) {
  const page = readCount(query.get("page"), 1);
  const perPage = Math.min(readCount(query.get("per_page"), size), 1000);
  const items = all.slice((page - 1) * perPage, page * perPage);
  const info = {
    page,
    per_page: perPage,
    count: items.length,
    total_count: all.length,
    total_pages: Math.ceil(all.length / perPage),
  };
  return { items, info };
}

function readCount(text: string | null, standard: number): number {
  const value = Number(text ?? standard);
  return Number.isInteger(value) && value > 0 ? value : standard;
}
