import { execFileSync } from "node:child_process";
import { accessSync, constants, realpathSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join, resolve, sep } from "node:path";
import type { TestContext } from "vitest";
import packageJson from "../../package.json" with { type: "json" };
import { withPatience } from "./patience.ts";
import { requireOrSkip } from "./require-all.ts";

/** Version of the Pulumi CLI: that of npm's package `pulumi`, which `npx pulumi` runs. */
export const engineVersion = packageJson.devDependencies.pulumi;

/** Milliseconds a program may take to tell its version. */
const patience = withPatience(20_000);

/** Where `npx pulumi` has, or puts, the CLI below a PULUMI_HOME. */
export function enginePath(pulumiHome: string): string {
  return join(pulumiHome, "versions", engineVersion, "bin", "pulumi");
}

/** The person's PULUMI_HOME. */
export function findPulumiHome(): string {
  return resolve(process.env.PULUMI_HOME || join(homedir(), ".pulumi"));
}

/**
 * Path of the real Pulumi CLI, the engine of every deployment, or undefined. Never npm's wrapper,
 * which would download it: within npm scripts that is the first `pulumi` on PATH.
 */
export function findEngine(): string | undefined {
  const installed = enginePath(findPulumiHome());
  if (isProgram(installed)) return installed;
  return (process.env.PATH ?? "")
    .split(delimiter)
    .map((folder) => join(folder, "pulumi"))
    .find(isPulumi);
}

/** Path of the real Pulumi CLI; without one the test is skipped. */
export function requireEngine(skip: TestContext["skip"]): string {
  return requireOrSkip(
    skip,
    findEngine(),
    `No Pulumi CLI found. Get ${engineVersion} with \`npx pulumi version\`, or build it (this needs Go): PULUMI_HOME=~/.pulumi tests/engine/cli/build`,
  );
}

function isPulumi(path: string): boolean {
  if (!isProgram(path)) return false;
  // A wrapper that is installed globally is a link into a node_modules.
  if (realpathSync(path).split(sep).includes("node_modules")) return false;
  try {
    const version = execFileSync(path, ["version"], {
      encoding: "utf8",
      timeout: patience,
      stdio: ["ignore", "pipe", "ignore"],
      env: { PATH: process.env.PATH ?? "", HOME: homedir(), PULUMI_SKIP_UPDATE_CHECK: "1" },
    });
    return /^v3\.\d+\.\d+/.test(version);
  } catch {
    return false;
  }
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
