import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { type BundleOptions, bundleWorker, mainModule, projectRoot } from "../../infra/bundle.ts";
import type { WorkerBinding, WorkerSpec } from "../../scripts/runtime/worker-spec.ts";
import { declareWorker } from "./declare.ts";
import { origin } from "./load/http.ts";
import type { LoginWay } from "./load/logins.ts";
import type { Era } from "./load/messages.ts";
import { nodeBuiltins } from "./node-builtins.ts";

/** A server that is measured. */
export interface Contestant {
  /** One word, for the command line and the file of figures. */
  readonly name: string;
  /** What a table calls it. */
  readonly title: string;
  /** Which clients it serves. */
  readonly eras: readonly Era[];
  /** How people sign in. Undefined: they do not. */
  readonly login?: LoginWay;
  /** Path of the resource that a token for `/mcp` is for, and one for `/sse` where that is served. */
  readonly resources: { readonly mcp: string; readonly sse?: string };
  /** Whether every client on `/mcp` gets a session. */
  readonly hasSessions: boolean;
  /** The checkout that it is built from. */
  readonly root: string;
  /** Its Worker's entry, from there. */
  readonly entryPoint: string;
  /** The Worker, built in a folder. */
  build(folder: string): Promise<WorkerSpec>;
  /** How its entry is bundled. */
  readonly bundling?: Pick<BundleOptions, "plugins">;
}

/** This server, or another revision of it: the fixture's tools on the dev stack. */
export function createOwn(name: string, title: string, root: string): Contestant {
  return {
    name,
    title,
    eras: ["legacy", "modern"],
    login: "pages",
    resources: { mcp: "/mcp", sse: "/sse" },
    hasSessions: false,
    root,
    entryPoint: "tests/fixture/worker.ts",
    build: () => declareWorker(root),
  };
}

const kv: WorkerBinding = { name: "OAUTH_KV", type: "kv_namespace", namespaceId: "bench" };
const address: WorkerBinding = { name: "ORIGIN", type: "plain_text", text: origin };

/** What people might use instead, and what nobody can undercut. */
const others: readonly Contestant[] = [
  createOther({
    name: "agent",
    title: "McpAgent",
    entryPoint: "tests/bench/workers/mcp-agent.ts",
    eras: ["legacy"],
    login: "redirect",
    resources: { mcp: "", sse: "" },
    hasSessions: true,
    flags: ["nodejs_compat"],
    bindings: [
      kv,
      address,
      {
        name: "MCP_OBJECT",
        type: "durable_object_namespace",
        className: "SumAgent",
        uniqueKey: "bench-SumAgent",
      },
    ],
    bundling: { plugins: [nodeBuiltins] },
  }),
  createOther({
    name: "plain",
    title: "plain libraries",
    entryPoint: "tests/bench/workers/plain.ts",
    eras: ["legacy", "modern"],
    login: "redirect",
    bindings: [kv, address],
  }),
  createOther({
    name: "bare",
    title: "bare SDK",
    entryPoint: "tests/bench/workers/bare.ts",
    eras: ["legacy", "modern"],
  }),
  createOther({
    name: "floor",
    title: "floor",
    entryPoint: "tests/bench/workers/floor.ts",
    eras: ["legacy"],
    bindings: [kv],
  }),
];

/** Every contestant of `npm run bench`, this server first. */
export const contestants: readonly Contestant[] = [
  createOwn("ours", "this server", projectRoot),
  ...others,
];

type Other = Omit<Contestant, "build" | "root" | "resources" | "hasSessions"> &
  Partial<Pick<Contestant, "resources" | "hasSessions">> & {
    readonly flags?: readonly string[];
    readonly bindings?: readonly WorkerBinding[];
  };

function createOther({ flags = [], bindings = [], ...rest }: Other): Contestant {
  const { name, entryPoint, bundling } = rest;
  return {
    root: projectRoot,
    resources: { mcp: "/mcp" },
    hasSessions: false,
    ...rest,
    async build(folder) {
      const file = join(folder, `${name}.js`);
      const { code } = await bundleWorker({ entryPoint, file, ...bundling });
      return {
        name,
        modules: [{ name: mainModule, type: "ESModule", contents: code }],
        compatibilityDate: "2026-07-30",
        compatibilityFlags: ["enable_request_signal", "nodejs_als", ...flags],
        bindings,
        crons: [],
      };
    },
  };
}

/** Size of a Worker's code as it is uploaded, and as Cloudflare counts it: after gzip. */
export function measureCode({ modules }: WorkerSpec): { bytes: number; gzipBytes: number } {
  const sizes = modules.map(({ contents }) => {
    const code = Buffer.from(contents);
    return { bytes: code.length, gzipBytes: gzipSync(code, { level: 9 }).length };
  });
  const sum = (key: "bytes" | "gzipBytes") => sizes.reduce((all, size) => all + size[key], 0);
  return { bytes: sum("bytes"), gzipBytes: sum("gzipBytes") };
}
