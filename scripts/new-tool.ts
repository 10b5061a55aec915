/** `npm run new:tool`: makes a tool with its test, and lists it. */
import { access, readFile } from "node:fs/promises";
import { join } from "node:path";
import { styleText } from "node:util";
import { projectRoot } from "../infra/bundle.ts";
import { ownFeatures } from "../worker/features.ts";
import { listScopes } from "../worker/mcp/scopes.ts";
import { UserError } from "./errors.ts";
import { formatCode } from "./format-code.ts";
import { addListEntry, listPath } from "./new-tool/list-entry.ts";
import { writeTest, writeTool } from "./new-tool/template.ts";
import { type NewToolPlan, type NewToolWords, planTool } from "./new-tool/tool-plan.ts";
import { type FileToWrite, writeAll } from "./new-tool/write-all.ts";
import { flag, readArguments } from "./read-arguments.ts";
import { runMain } from "./run-main.ts";

const help = `Makes a tool that works, with its test, and lists it in ${listPath}.

  npm run new:tool -- <name> [options]

  <name>                name for models: lower case words joined by underscores, at most 48 characters
  --title <text>        name for people (default: the name in words)
  --description <text>  what it does, when to use it, its bounds: read by a model
  --scope <scope>       what a person has to allow, of worker/scopes.ts (default: the first)
  --help                show this
`;

async function main(): Promise<void> {
  const words = readWords(process.argv.slice(2));
  if (words === undefined) {
    process.stdout.write(help);
    return;
  }
  const plan = planTool(
    words,
    ownFeatures.tools.map(({ name }) => name),
    listScopes(ownFeatures.scopes),
  );
  const paths = { tool: `worker/tools/${plan.file}.ts`, test: `worker/tools/${plan.file}.test.ts` };
  const declarations = `worker/tools/${plan.file}.d.ts`;
  for (const path of [paths.tool, paths.test, declarations]) await refuseExisting(path);
  const list = await readFile(join(projectRoot, listPath), "utf8");
  // All of it is made before anything is written.
  const [tool, test, index] = [
    toFile(paths.tool, writeTool(plan)),
    toFile(paths.test, writeTest(plan)),
    toFile(listPath, addListEntry(list, plan)),
  ] as const;
  await writeAll([tool, test], index);
  console.log(describeNextSteps(plan, paths));
}

/** @throws UserError for an option that does not exist, or not exactly one name. */
function readWords(args: string[]): NewToolWords | undefined {
  const { values, positionals } = readArguments(help, {
    args,
    allowPositionals: true,
    options: {
      title: { type: "string" },
      description: { type: "string" },
      scope: { type: "string" },
      help: flag,
    },
  });
  if (values.help) return undefined;
  const [name, ...more] = positionals;
  if (name === undefined || more.length > 0) {
    const given = more.length > 0 ? `these are ${positionals.length}` : "there is none";
    throw new UserError(`name: a tool has one name, and ${given}. Give one.\n\n${help}`);
  }
  return { ...values, name };
}

/** @throws UserError if the file is there. */
async function refuseExisting(path: string): Promise<void> {
  const isThere = await access(join(projectRoot, path)).then(
    () => true,
    () => false,
  );
  if (!isThere) return;
  throw new UserError(
    `name: the file ${path} already exists. Use another name, or move that file away.`,
  );
}

function toFile(path: string, text: string): FileToWrite {
  return { path: join(projectRoot, path), text: formatCode(projectRoot, path, text) };
}

function describeNextSteps(
  { name, scope }: NewToolPlan,
  { tool, test }: { readonly tool: string; readonly test: string },
): string {
  return [
    styleText("green", `Made the tool ${name}, which needs the scope ${scope}:`),
    `  ${tool}`,
    `  ${test}`,
    `  ${listPath} lists it`,
    "",
    "Next:",
    "  1. Edit it. A running `npm start` serves each change at once.",
    `  2. Test it:  npx vitest --project worker ${test}`,
    "  3. Put it into docs/server/tools.md:  npm run docs",
  ].join("\n");
}

await runMain(main);
