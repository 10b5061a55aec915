import { availableParallelism } from "node:os";
import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";
import { readMigrations } from "./infra/d1/steps.ts";
import { compileCache } from "./tests/support/compile-cache.ts";
import { readLimits } from "./tests/support/patience.ts";
import { TestOrder } from "./tests/support/test-order.ts";
import { plainBindings } from "./tests/support/worker-settings.ts";
import { ownFeatures } from "./worker/features.ts";

/**
 * Databases or buckets that the server's own tools need, made empty: the tests beside those tools run in the same
 * runtime as the product's. Those name none of them; the fixture's tools need none.
 */
function listNeeded(kind: "d1" | "r2"): string[] {
  const needed = ownFeatures.tools.flatMap(({ needs }) => Object.entries(needs?.bindings ?? {}));
  return [...new Set(needed.flatMap(([name, need]) => (need.kind === kind ? name : [])))];
}

/** Steps of those databases, which the tests begin with. */
const migrations = Object.fromEntries(await readMigrations(import.meta.dirname, listNeeded("d1")));

/** Two more than processors: tests of other processes wait for them half of the time. */
const maxWorkers = availableParallelism() + 2;

// Test processes and what they start load Pulumi's SDK and others again and again: compiled once, that takes half
// of the time.
process.env.NODE_COMPILE_CACHE ??= compileCache;

export default defineConfig(({ mode }) => {
  // `npm run test:provider`: with what Pulumi publishes, and nothing of it may be missing.
  if (mode === "provider") {
    Object.assign(process.env, { CLOUDFLARE_PLUGIN: "real", REQUIRE_ALL: "1" });
  }
  const { patience, storyTime, testTime } = readLimits(process.env);
  /** No test fails for want of time on a busy machine; whoever needs more says so with its reason. */
  const patient = {
    maxWorkers,
    testTimeout: testTime,
    hookTimeout: testTime,
    teardownTimeout: patience,
    expect: { poll: { timeout: patience } },
  };
  return {
    test: {
      // `npm run test:soak` looks at as many cases as a person would wait for.
      // `npm run test:languages` lets the MCP SDK of each language connect in each way.
      env: {
        ...(mode === "soak" && { SOAK: "1" }),
        ...(mode === "languages" && { LANGUAGES: "all" }),
      },
      sequence: { sequencer: TestOrder },
      reporters: [
        "default",
        "./tests/support/pictures-reporter.ts",
        "./tests/support/totals-reporter.ts",
      ],
      // Its cache misses changes of tsconfig.json, which has let a wrong test pass.
      fsModuleCache: false,
      projects: [
        {
          test: {
            name: "unit",
            include: [
              "infra/**/*.test.ts",
              "scripts/**/*.test.ts",
              "tests/bench/**/*.test.ts",
              "tests/docs/**/*.test.ts",
              "tests/evaluation/**/*.test.ts",
              "tests/support/**/*.test.ts",
              "tests/workflows/**/*.test.ts",
            ],
            // They load Pulumi's SDK, zod and the like once for all files, which takes half of their time.
            isolate: false,
            setupFiles: ["./tests/support/start-afresh.ts"],
            ...patient,
          },
        },
        {
          plugins: [
            cloudflareTest({
              main: "./tests/fixture/worker.ts",
              miniflare: {
                compatibilityDate: "2026-07-30",
                compatibilityFlags: [
                  "enable_request_signal",
                  "global_fetch_strictly_public",
                  "nodejs_als",
                ],
                bindings: { ...plainBindings, MIGRATIONS: JSON.stringify(migrations) },
                kvNamespaces: ["OAUTH_KV"],
                d1Databases: listNeeded("d1"),
                r2Buckets: listNeeded("r2"),
                durableObjects: {
                  PEOPLE: { className: "PersonState", useSQLite: true },
                  PURGE: { className: "PurgeRun", useSQLite: true },
                  SESSIONS: { className: "McpSession", useSQLite: true },
                  THROTTLES: { className: "Throttle", useSQLite: true },
                  TOKEN_GATES: { className: "TokenGate", useSQLite: true },
                  TRANSACTIONS: { className: "Transaction", useSQLite: true },
                },
              },
            }),
          ],
          oxc: { jsx: { runtime: "automatic", importSource: "hono/jsx" } },
          test: {
            name: "worker",
            include: ["worker/**/*.test.{ts,tsx}"],
            // A runtime for each file would cost three times what the tests themselves do.
            isolate: false,
            setupFiles: [
              "./tests/support/start-afresh.ts",
              "./tests/support/worker/empty-storage.ts",
              // Without steps there is nothing to wait for.
              ...(Object.keys(migrations).length === 0
                ? []
                : ["./tests/support/worker/migrate.ts"]),
            ],
            ...patient,
          },
        },
        {
          test: {
            name: "clients",
            include: [
              "tests/abuse/**/*.test.ts",
              "tests/clients/**/*.test.ts",
              "tests/connect/**/*.test.ts",
              "tests/dev/**/*.test.ts",
              "tests/doctor/**/*.test.ts",
              "tests/identity/**/*.test.ts",
              "tests/load/**/*.test.ts",
              "tests/new-server/**/*.test.ts",
              "tests/security/**/*.test.ts",
              "tests/upgrade/**/*.test.ts",
            ],
            // As above. What runs the program for their servers is loaded once, too.
            isolate: false,
            setupFiles: ["./tests/support/start-afresh.ts"],
            ...patient,
          },
        },
        {
          test: {
            name: "browser",
            include: ["tests/browser/**/*.test.ts"],
            // As above.
            isolate: false,
            setupFiles: ["./tests/support/start-afresh.ts"],
            ...patient,
          },
        },
        {
          test: {
            // What belongs to the person whose server this is: `npm run test:mine`.
            name: "mine",
            include: ["tests/mine/**/*.test.ts", "tests/theirs/**/*.test.ts"],
            ...patient,
          },
        },
        {
          test: {
            name: "languages",
            include: ["tests/languages/**/*.test.ts"],
            ...patient,
          },
        },
        {
          test: {
            name: "conformance",
            include: ["tests/conformance/**/*.test.ts"],
            ...patient,
          },
        },
        {
          test: {
            name: "cloud",
            include: ["tests/engine/**/*.test.ts", "tests/cloud/**/*.test.ts"],
            // As above.
            isolate: false,
            setupFiles: [
              "infra/quick-start.ts",
              "./tests/support/start-afresh.ts",
              "tests/support/clean-environment.ts",
            ],
            ...patient,
            testTimeout: storyTime,
          },
        },
      ],
    },
  };
});
