import { join } from "node:path";
import type { Made } from "../support/language-programs.ts";

/** An MCP SDK of another language. */
export interface Sdk {
  /** What people call it. */
  readonly name: string;
  /** What `tests/languages/build` makes for it. */
  readonly made: Made;
  /** The command that runs its program. @param made what was made. */
  readonly command: (made: string) => readonly string[];
  /** Whether it has a login of its own, which a program may give it beside a token. */
  readonly hasLogin: boolean;
  /** What it says of a refused token, where it has no login. */
  readonly refusal: RegExp;
}

/** One way of an SDK to connect. */
export interface Way extends Lacks {
  readonly sdk: Sdk;
  readonly endpoint: "/mcp" | "/sse";
  readonly transport: "http" | "sse";
}

/** What an SDK, or a transport of it, does not do by itself. */
interface Lacks {
  /** In words. */
  readonly cannot: string;
  /** Whether it asks its person for more where a call needs another scope. */
  readonly stepsUp: boolean;
  /** Whether its session goes on after a 403. */
  readonly survives: boolean;
}

/** Runs from the checkout, with the interpreter that has the libraries. */
const runPython = (interpreter: string) => [
  interpreter,
  join(import.meta.dirname, "python/client.py"),
];

const python2: Sdk = {
  name: "Python SDK 2.x",
  made: "python-2",
  command: runPython,
  hasLogin: true,
  refusal: /Server returned an error response/,
};
const python1: Sdk = {
  name: "Python SDK 1.x",
  made: "python-1",
  command: runPython,
  hasLogin: true,
  refusal: /401 Unauthorized/,
};
const go: Sdk = {
  name: "Go SDK",
  made: "go",
  command: (program) => [program],
  hasLogin: true,
  refusal: /Unauthorized/,
};
const rust: Sdk = {
  name: "Rust SDK (rmcp)",
  made: "rust",
  command: (program) => [program],
  hasLogin: false,
  refusal: /Auth required/,
};
const java: Sdk = {
  name: "Java SDK",
  made: "java",
  command: (program) => [program],
  hasLogin: false,
  refusal: /Authorization error/,
};

const nothing: Lacks = { cannot: "", stepsUp: true, survives: true };
const goOverSse: Lacks = {
  cannot:
    "HTTP+SSE takes no OAuth handler, but an `HTTPClient` with the token; a 403 closes its session",
  stepsUp: false,
  survives: false,
};
const javaOverHttp: Lacks = {
  cannot: "no login of its own: Nimbus's OAuth library, called by its handler of 401 and 403",
  stepsUp: true,
  survives: true,
};
const javaOverSse: Lacks = {
  cannot: "no login of its own, and HTTP+SSE has no handler of 401 and 403: no step-up",
  stepsUp: false,
  survives: true,
};
const rustOverHttp: Lacks = {
  cannot: "no HTTP+SSE; the program repeats a call after the login",
  stepsUp: true,
  survives: true,
};

/** Every SDK. */
export const sdks: readonly Sdk[] = [python2, python1, go, java, rust];

/** What `npm test` runs: one login each. */
export const shortWays: readonly Way[] = [
  { sdk: python2, endpoint: "/mcp", transport: "http", ...nothing },
  { sdk: go, endpoint: "/mcp", transport: "http", ...nothing },
];

/** What `npm run test:languages` runs. */
export const ways: readonly Way[] = [
  ...inEachWay(python2, nothing, nothing),
  ...inEachWay(python1, nothing, nothing),
  ...inEachWay(go, nothing, goOverSse),
  ...inEachWay(java, javaOverHttp, javaOverSse),
  ...inEachWay(rust, rustOverHttp),
];

/** Streamable HTTP at both addresses, and HTTP+SSE where the SDK has it. */
function inEachWay(sdk: Sdk, http: Lacks, sse?: Lacks): Way[] {
  return [
    { sdk, endpoint: "/mcp", transport: "http", ...http },
    { sdk, endpoint: "/sse", transport: "http", ...http },
    ...(sse === undefined ? [] : [{ sdk, endpoint: "/sse", transport: "sse", ...sse } as const]),
  ];
}
