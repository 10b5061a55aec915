import { validateHeaderName, validateHeaderValue } from "node:http";
import * as fc from "fast-check";
import { anyCharacter } from "../../support/any-character.ts";
import { type Mutation, mutate, mutations } from "./mutate.ts";
import type { SentRequest } from "./sent.ts";

/** A case as fast-check makes it: the same for the same seed, whatever tokens the server gave this time. */
export type FuzzCase =
  /** A recorded request with changed bytes in one part of it, or in all of it. */
  | {
      readonly kind: "bytes";
      readonly pick: number;
      readonly part: "path" | "headers" | "body" | "raw";
      readonly all: readonly Mutation[];
    }
  /** A recorded request with another method. */
  | { readonly kind: "method"; readonly pick: number; readonly method: string }
  /** A recorded JSON or form body, in which one value is another. */
  | {
      readonly kind: "value";
      readonly pick: number;
      readonly field: number;
      readonly value: unknown;
    }
  /** A recorded request with the headers of another. */
  | { readonly kind: "headers"; readonly pick: number; readonly from: number }
  /** A metadata document of a client, changed, that an authorization request names. */
  | {
      readonly kind: "document";
      readonly all: readonly Mutation[];
      readonly value: unknown;
      readonly field: number;
      readonly status: number;
      readonly type: string;
    };

const pick = fc.nat(1_000_000);

const methods = [
  ...["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "QUERY"],
] as const;

/** What a field may be, beside what it should be. */
const odd = fc.oneof(
  fc.jsonValue({ maxDepth: 4 }),
  fc.string({ unit: anyCharacter, maxLength: 200 }),
  fc.constantFrom<unknown>(
    "",
    " ",
    null,
    [],
    {},
    0,
    -1,
    1e308,
    true,
    "\0",
    "\u2028",
    "x".repeat(5000),
  ),
  fc.constantFrom<unknown>(
    { toString: 1 },
    ["a", ["b"]],
    "https://[",
    "http://a@b:c",
    "//",
    "a:b:c",
  ),
);

const oddStatuses = [200, 200, 200, 204, 301, 304, 400, 404, 410, 500, 503] as const;
const oddTypes = [
  "application/json",
  "text/html",
  "application/octet-stream",
  "",
  "application/json; charset=utf-16",
];

/** Cases for an HTTP server. @param withDocuments whether it fetches metadata documents. */
export function httpCases(withDocuments: boolean): fc.Arbitrary<FuzzCase> {
  return fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        kind: fc.constant("bytes" as const),
        pick,
        part: fc.constantFrom("path", "headers", "body", "body", "body", "raw"),
        all: mutations,
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant("method" as const),
        pick,
        method: fc.constantFrom(...methods),
      }),
    },
    {
      weight: 5,
      arbitrary: fc.record({ kind: fc.constant("value" as const), pick, field: pick, value: odd }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constant("headers" as const), pick, from: pick }),
    },
    {
      weight: withDocuments ? 1 : 0,
      arbitrary: fc.record({
        kind: fc.constant("document" as const),
        all: fc.oneof(fc.constant([]), mutations),
        value: odd,
        field: pick,
        status: fc.constantFrom(...oddStatuses),
        type: fc.constantFrom(...oddTypes),
      }),
    },
  );
}

/** The request that a case is, with what was recorded. */
export function toRequest(
  fuzzCase: Exclude<FuzzCase, { kind: "document" }>,
  recorded: readonly SentRequest[],
): SentRequest {
  const request = choose(recorded, fuzzCase.pick);
  switch (fuzzCase.kind) {
    case "bytes":
      return changeBytes(request, fuzzCase.part, fuzzCase.all);
    case "method":
      return { ...request, method: fuzzCase.method };
    case "headers": {
      const { headers } = choose(recorded, fuzzCase.from);
      return { ...request, headers };
    }
    case "value":
      return changeValue(request, fuzzCase.field, fuzzCase.value);
  }
}

/** A metadata document, good but for what the case changes. */
export function toDocument(
  { all, value, field, status, type }: Extract<FuzzCase, { kind: "document" }>,
  url: string,
  redirectUri: string,
): Response {
  const good: Record<string, unknown> = {
    client_id: url,
    client_name: "Published",
    client_uri: "https://app.example.com",
    logo_uri: "https://app.example.com/logo.png",
    redirect_uris: [redirectUri],
    grant_types: ["authorization_code", "refresh_token"],
    response_types: ["code"],
    token_endpoint_auth_method: "none",
  };
  const changed = replaceAt(good, field, value);
  const text = mutate(Buffer.from(JSON.stringify(changed) ?? "null"), all);
  const hasBody = status !== 204 && status !== 304;
  return new Response(hasBody ? new Uint8Array(text) : null, {
    status,
    headers: {
      ...(type !== "" && { "content-type": type }),
      location: "https://app.example.com/x",
    },
  });
}

function changeBytes(
  request: SentRequest,
  part: "path" | "headers" | "body" | "raw",
  all: readonly Mutation[],
): SentRequest {
  const { path, headers, body } = request;
  switch (part) {
    case "path":
      return { ...request, path: toPath(mutate(Buffer.from(path), all)) };
    case "headers":
      return { ...request, headers: parseHeaders(mutate(writeHeaders(headers), all)) };
    case "raw":
      return { ...request, raw: mutate(writeRaw(request), all) };
    case "body":
      if (body === undefined) return { ...request, path: toPath(mutate(Buffer.from(path), all)) };
      return { ...request, body: mutate(body, all) };
  }
}

/** Puts another value in the place of one of a JSON body, a form or a query. */
function changeValue(request: SentRequest, field: number, value: unknown): SentRequest {
  const { path, headers, body } = request;
  const type = headers["content-type"] ?? "";
  if (body !== undefined && type.startsWith("application/json")) {
    const changed = replaceAt(JSON.parse(body.toString()), field, value);
    return { ...request, body: Buffer.from(JSON.stringify(changed) ?? "") };
  }
  const text = typeof value === "string" ? value : (JSON.stringify(value) ?? "");
  if (body !== undefined && type.startsWith("application/x-www-form-urlencoded")) {
    return { ...request, body: Buffer.from(changeForm(body.toString(), field, text)) };
  }
  const [address = "/", query = ""] = path.split("?");
  return { ...request, path: `${address}?${changeForm(query, field, text)}` };
}

function changeForm(form: string, field: number, text: string): string {
  const pairs = [...new URLSearchParams(form.toWellFormed())];
  const place = field % (pairs.length + 1);
  const [name = "client_id"] = pairs[place] ?? [];
  // Every third time it stands there twice.
  const rest = field % 3 === 0 ? pairs : pairs.filter((_pair, index) => index !== place);
  return new URLSearchParams([...rest, [name, text.toWellFormed()]]).toString();
}

/** The same JSON with another value at one of its places, counted from the outside. */
function replaceAt(value: unknown, field: number, other: unknown): unknown {
  const paths = listPaths(value);
  return replaceAtPath(value, choose(paths, field), other);
}

type Path = readonly string[];

function listPaths(value: unknown): Path[] {
  if (typeof value !== "object" || value === null) return [[]];
  const below = Object.entries(value).flatMap(([key, inner]) =>
    listPaths(inner).map((path) => [key, ...path]),
  );
  return [[], ...below];
}

function replaceAtPath(value: unknown, path: Path, other: unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return other;
  const copy = (Array.isArray(value) ? [...value] : { ...(value as object) }) as Record<
    string,
    unknown
  >;
  copy[key] = replaceAtPath(copy[key], rest, other);
  return copy;
}

function choose<Item>(items: readonly Item[], pick: number): Item {
  const item = items[pick % items.length];
  if (item === undefined) throw new Error("Nothing was recorded.");
  return item;
}

/** What a client for HTTP would not send is escaped: the rest goes as raw bytes. */
function toPath(bytes: Buffer): string {
  const text = bytes.toString("latin1").replace(/[^\x21-\x7e]/g, (character) => {
    return `%${character.charCodeAt(0).toString(16).padStart(2, "0")}`;
  });
  return text.startsWith("/") ? text : `/${text}`;
}

function writeHeaders(headers: Readonly<Record<string, string>>): Buffer {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  return Buffer.from(lines.join("\n"));
}

/** Those that frame a message are left to raw requests: with them one client would wait for itself. */
const framing = /^(?:content-length|transfer-encoding|connection|expect|upgrade|host|trailer|te)$/i;

function parseHeaders(bytes: Buffer): Record<string, string> {
  const pairs = bytes
    .toString("latin1")
    .split("\n")
    .map((line): [string, string] => {
      const at = line.indexOf(":");
      return [line.slice(0, at).trim(), line.slice(at + 1).trim()];
    });
  return Object.fromEntries(pairs.filter(isSendable));
}

function isSendable([name, value]: readonly [string, string]): boolean {
  if (framing.test(name)) return false;
  try {
    validateHeaderName(name);
    validateHeaderValue(name, value);
    return true;
  } catch {
    return false;
  }
}

/** A request as bytes. */
export function writeRaw({ method, path, headers, body }: SentRequest): Buffer {
  const head = [
    `${method} ${path} HTTP/1.1`,
    "host: localhost",
    "connection: close",
    ...(body === undefined ? [] : [`content-length: ${body.length}`]),
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
  ].join("\r\n");
  return Buffer.concat([Buffer.from(`${head}\r\n\r\n`), body ?? Buffer.alloc(0)]);
}
