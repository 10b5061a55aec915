import { existsSync, realpathSync } from "node:fs";
import { basename, join } from "node:path";
import type { Plugin } from "esbuild";
import type { MethodName } from "../worker/identity/index.ts";

/** A way in that a Worker can do without: an identity method, or one beside the sign-in of people. */
export type WayIn = MethodName | "personal-tokens" | "machines" | "companies";

/** A module that only some stacks need. */
interface OptionalModule {
  /** From the root of the checkout. */
  readonly module: string;
  /** Its stand-in, in `worker/left-out/`. */
  readonly standIn: string;
}

const settings = "worker/left-out/settings.ts";
const signIn = "worker/left-out/sign-in.ts";

/** Modules of each way in that nothing else needs but what they import. Their stand-ins export the same. */
const ownModules: Readonly<Record<WayIn, readonly OptionalModule[]>> = {
  demo: [{ module: "worker/identity/demo.ts", standIn: signIn }],
  github: [{ module: "worker/identity/github.ts", standIn: signIn }],
  oidc: [{ module: "worker/identity/oidc.ts", standIn: signIn }],
  access: [{ module: "worker/identity/access.ts", standIn: signIn }],
  "personal-tokens": [
    { module: "worker/oauth/personal-tokens/settings.ts", standIn: settings },
    {
      module: "worker/oauth/personal-tokens/way-in.ts",
      standIn: "worker/left-out/personal-tokens.ts",
    },
  ],
  machines: [
    { module: "worker/oauth/machines/settings.ts", standIn: settings },
    { module: "worker/oauth/machines/way-in.ts", standIn: "worker/left-out/machines.ts" },
  ],
  companies: [
    { module: "worker/oauth/company/settings.ts", standIn: settings },
    { module: "worker/oauth/company/way-in.ts", standIn: "worker/left-out/companies.ts" },
    { module: "worker/oauth/company/blocked.ts", standIn: "worker/left-out/blocked.ts" },
  ],
};

/** All ways in, in the order in which the name of a bundle has them. */
export const allWaysIn = Object.keys(ownModules) as readonly WayIn[];

/** Needed by machine clients and by companies. */
const assertions: OptionalModule = {
  module: "worker/oauth/assertions/jwt-bearer.ts",
  standIn: "worker/left-out/assertions.ts",
};

/** The settings that name ways in. Of a list it matters only whether something is in it. */
interface WaySettings {
  readonly identityMethod: string;
  readonly personalTokens: string;
  readonly machineClients: { readonly length: number };
  readonly enterpriseIssuers: { readonly length: number };
}

/** The ways in of a stack, in the order of `allWaysIn`. */
export function listWaysIn({
  identityMethod,
  personalTokens,
  machineClients,
  enterpriseIssuers,
}: WaySettings): readonly WayIn[] {
  const isThere: Readonly<Record<WayIn, boolean>> = {
    demo: identityMethod === "demo",
    github: identityMethod === "github",
    oidc: identityMethod === "oidc",
    access: identityMethod === "access",
    "personal-tokens": personalTokens !== "false",
    machines: machineClients.length > 0,
    companies: enterpriseIssuers.length > 0,
  };
  return allWaysIn.filter((way) => isThere[way]);
}

/**
 * The ways in of a stack by settings that nobody has checked yet: for whoever bundles ahead. The program says what
 * they are.
 * @param values `<project>:<setting>` to text, as Pulumi has them; lists as JSON.
 * @throws SyntaxError for text that is not a list.
 */
export function guessWaysIn(
  project: string,
  values: Readonly<Record<string, string>>,
): readonly WayIn[] {
  // An empty value counts as none, as for the program.
  const read = (name: keyof WaySettings, usual: string) => values[`${project}:${name}`] || usual;
  return listWaysIn({
    identityMethod: read("identityMethod", "demo"),
    personalTokens: read("personalTokens", "false"),
    machineClients: JSON.parse(read("machineClients", "[]")),
    enterpriseIssuers: JSON.parse(read("enterpriseIssuers", "[]")),
  });
}

/** Modules that a Worker with these ways in does without. */
function listLeftOut(ways: readonly WayIn[]): OptionalModule[] {
  const takesAssertions = ways.includes("machines") || ways.includes("companies");
  return [
    ...allWaysIn.flatMap((way) => (ways.includes(way) ? [] : ownModules[way])),
    ...(takesAssertions ? [] : [assertions]),
  ];
}

/**
 * Leaves the ways in that a stack does not have out of its bundle: whoever imports one of their modules gets its
 * stand-in.
 * esbuild refuses a stand-in that lacks something (`No matching export`).
 * @param root of the checkout that is bundled.
 */
export function leaveOutWays(root: string, ways: readonly WayIn[]): Plugin {
  // As esbuild names files. A root that is not there is esbuild's to tell.
  const folder = existsSync(root) ? realpathSync(root) : root;
  const standIns = new Map(
    listLeftOut(ways).map(({ module, standIn }) => [join(folder, module), join(folder, standIn)]),
  );
  const names = [...new Set([...standIns.keys()].map((path) => basename(path, ".ts")))];
  return {
    name: "leave-out-ways",
    setup({ onResolve }) {
      if (names.length === 0) return;
      onResolve({ filter: new RegExp(`/(${names.join("|")})\\.ts$`) }, ({ path, resolveDir }) => {
        const standIn = standIns.get(join(resolveDir, path));
        return standIn === undefined ? undefined : { path: standIn };
      });
    },
  };
}
