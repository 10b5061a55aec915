import { readFile } from "node:fs/promises";
import type { Plugin } from "esbuild";

/** A part of a package that this Worker never uses, and how it is left out of the bundle. */
interface Cut {
  /** The file, from the end of its path. */
  readonly file: RegExp;
  /** @returns the text without it; the same text where it is not there. */
  edit(text: string): string;
}

/**
 * Each cut is held by a test of its own in `bundle.test.ts`. Versions are pinned exactly, and a cut that
 * finds nothing ends the build, so that an update of a package is noticed here.
 */
const cuts: readonly Cut[] = [
  {
    // Validates JSON Schema at run time. Here zod validates, and answers to forms too.
    file: /@modelcontextprotocol\/server\/dist\/shimsWorkerd\.mjs$/,
    edit: (text) =>
      text.replace(/^import \{ t as CfWorkerJsonSchemaValidator \} .*$/m, unusedValidator),
  },
  {
    // A registry of validators for every type of the protocol, for callers who ask by name.
    file: /@modelcontextprotocol\/server\/dist\/src-\w+\.mjs$/,
    edit: (text) =>
      text
        .replace(/^for \(const key of SPEC_SCHEMA_KEYS\) .*$/m, "")
        .replace(/^for \(const \[key, schema\] of Object\.entries\(authSchemas\)\) .*$/m, ""),
  },
  {
    // Making a schema has no effect, so one that nobody uses may go. esbuild cannot know that of a call.
    file: /@modelcontextprotocol\/core\/dist\/(schemas|auth)-[\w-]+\.mjs$/,
    edit: (text) => text.replace(schemaStatement, "const $1 = /* @__PURE__ */ (() => $2)();"),
  },
  {
    // Serves the initialize era without a session. agents, which is asked first, has its own.
    file: /@modelcontextprotocol\/server\/dist\/index\.mjs$/,
    edit: (text) =>
      text.replace(/^\tconst legacyHandler = .*$/m, "\tconst legacyHandler = undefined;"),
  },
  {
    // Grants that this server does not give (token exchange, enterprise assertions), administration (which
    // `npm run mcp -- admin` does from elsewhere), and the library's
    // own handling of a protected resource, in place of which there is its OAuthResourceServer.
    file: /@cloudflare\/workers-oauth-provider\/dist\/oauth-provider\.js$/,
    edit: (text) =>
      dropMethods(text, [
        "handleTokenExchangeGrant",
        "exchangeToken",
        "handleJwtBearerGrant",
        "runEmaPipeline",
        "verifyAssertionSignature",
        "issueEmaAccessToken",
        "validateEmaOptions",
        "handleApiRequest",
        "createExternalTokenErrorResponse",
        "buildWwwAuthenticateHeader",
        "resolveTokenExchangeResource",
        "createClient",
        "listClients",
        "deleteClient",
        "updateClient",
      ])
        .replace(/^\t\tthis\.validateEmaOptions\(.*$/m, "")
        .replace(
          /^\t\tif \(this\.options\.enterpriseManagedAuthorization\) \{$[\s\S]*?^\t\t\}$/m,
          "",
        ),
  },
  {
    // What a page in a browser does with <title>, <link> and <form>. A plain tag is all we need.
    file: /hono\/dist\/jsx\/intrinsic-element\/components\.js$/,
    edit: () => "export const components_exports = {};",
  },
];

/** `const Name = z.object(…);` or `const Name = Other.extend(…);` up to the next statement of a file. */
const schemaStatement =
  /^const (\w+) = ((?:z|[A-Z]\w*)\.[\s\S]*?\));$(?=\n+(?:\/|const |export |function ))/gm;

/**
 * Takes methods out of the classes of a file, all of a name.
 * @throws Error where there is none of a name.
 */
function dropMethods(text: string, names: readonly string[]): string {
  return names.reduce((rest, name) => {
    const method = new RegExp(`^\\t(?:async )?${name}\\(.*\\) \\{$[\\s\\S]*?^\\t\\}$`, "gm");
    const shorter = rest.replace(method, "");
    if (shorter === rest) throw new Error(`There is no method ${name} any more.`);
    return shorter;
  }, text);
}

const unusedValidator = `class CfWorkerJsonSchemaValidator {
  getValidator() {
    throw new Error("This Worker has no JSON Schema validator: pass a zod schema.");
  }
}`;

/** Leaves out of the bundle what its packages bring and this Worker never runs. */
export const slimBundle: Plugin = {
  name: "slim-bundle",
  setup({ onLoad }) {
    for (const { file, edit } of cuts) {
      onLoad({ filter: file }, async ({ path }) => {
        const text = await readFile(path, "utf8");
        const contents = edit(text);
        if (contents !== text) return { contents, loader: "js" };
        throw new Error(
          `${path} has changed: see infra/slim-bundle.ts what is to be left out of it.`,
        );
      });
    }
  },
};
