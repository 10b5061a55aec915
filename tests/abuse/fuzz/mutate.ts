import * as fc from "fast-check";
import { anyCharacter } from "../../support/any-character.ts";

/** One change of bytes. Places are shares of the length, so that it fits every text. */
export type Mutation =
  | { readonly kind: "flip"; readonly at: number; readonly bit: number }
  | { readonly kind: "set"; readonly at: number; readonly byte: number }
  | { readonly kind: "insert"; readonly at: number; readonly text: string }
  | { readonly kind: "cut"; readonly at: number; readonly share: number }
  | { readonly kind: "repeat"; readonly at: number; readonly share: number; readonly times: number }
  | { readonly kind: "end"; readonly at: number };

/** Texts that parsers of HTTP, forms, JSON, URLs, OAuth and MCP stumble over. */
const tokens = [
  ...[
    "\0",
    "\r\n",
    "\n\n",
    "\u001b[31m",
    "\u202e",
    "\ufeff",
    "\ud800",
    "😀",
    "%",
    "%00",
    "%ff",
    "%c0%af",
  ],
  ...[
    "'",
    '"',
    "<script>",
    "{{",
    "${",
    "../",
    "..%2f",
    "//",
    "\\",
    ";",
    ":",
    ",",
    "&",
    "=",
    "#",
    "?",
  ],
  ...[
    "null",
    "true",
    "[]",
    "{}",
    "[[[[",
    '{"a":',
    "-1",
    "0",
    "1e999",
    "-0",
    "9007199254740993",
    "NaN",
  ],
  ...["__proto__", "constructor", "toString", "hasOwnProperty", "then", "length"],
  ...[
    "https://",
    "javascript:",
    "http://localhost",
    "http://[::1]",
    "@",
    "client_id=",
    "&state=",
    "&scope=",
  ],
  ...[
    "Bearer ",
    "Basic Og==",
    "application/json",
    "multipart/form-data",
    "boundary=",
    "text/event-stream",
  ],
  ...[
    "2026-07-28",
    "2024-11-05",
    '"jsonrpc":"2.0"',
    '"id":null',
    '"params":null',
    '"method":"initialize"',
  ],
] as const;

const at = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true });

const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  fc.record({ kind: fc.constant("flip" as const), at, bit: fc.nat(7) }),
  fc.record({ kind: fc.constant("set" as const), at, byte: fc.nat(255) }),
  fc.record({ kind: fc.constant("insert" as const), at, text: fc.constantFrom(...tokens) }),
  fc.record({
    kind: fc.constant("insert" as const),
    at,
    text: fc.string({ unit: anyCharacter, maxLength: 40 }),
  }),
  fc.record({
    kind: fc.constant("cut" as const),
    at,
    share: fc.double({ min: 0, max: 0.3, noNaN: true }),
  }),
  fc.record({
    kind: fc.constant("repeat" as const),
    at,
    share: fc.double({ min: 0, max: 0.2, noNaN: true }),
    times: fc.integer({ min: 1, max: 60 }),
  }),
  fc.record({ kind: fc.constant("end" as const), at }),
);

/** A few changes: most inputs must stay near to what is valid, or they end at the first check. */
export const mutations = fc.array(mutation, { minLength: 1, maxLength: 4 });

/** Longest text that comes of it. */
const longest = 48 * 1024;

/** Applies changes to bytes. */
export function mutate(bytes: Buffer, all: readonly Mutation[]): Buffer {
  return all.reduce(apply, bytes).subarray(0, longest);
}

function apply(bytes: Buffer, change: Mutation): Buffer {
  const place = Math.floor(change.at * bytes.length);
  const [head, tail] = [bytes.subarray(0, place), bytes.subarray(place)];
  switch (change.kind) {
    case "flip":
    case "set": {
      const [first = 0, ...rest] = tail;
      const byte = change.kind === "set" ? change.byte : first ^ (1 << change.bit);
      return Buffer.concat([head, Buffer.from([byte]), Buffer.from(rest)]);
    }
    case "insert":
      return Buffer.concat([head, Buffer.from(change.text), tail]);
    case "cut":
      return Buffer.concat([head, tail.subarray(Math.ceil(change.share * bytes.length))]);
    case "repeat": {
      const part = tail.subarray(0, Math.ceil(change.share * bytes.length));
      const times = Math.min(change.times, Math.floor(longest / Math.max(1, part.length)));
      return Buffer.concat([head, ...Array<Buffer>(times).fill(part), tail]);
    }
    case "end":
      return head;
  }
}
