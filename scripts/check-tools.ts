/** `npm run check:tools`: reads the server's tools, resources and prompts as a model does, without one. */
import { styleText } from "node:util";
import { projectRoot } from "../infra/bundle.ts";
import { ownFeatures } from "../worker/features.ts";
import { findMessageProblems } from "./check-tools/error-rules.ts";
import { listMistakes } from "./check-tools/mistakes.ts";
import { findOfferProblems, type OfferProblem } from "./check-tools/offer-rules.ts";
import { estimateTokens } from "./check-tools/token-cost.ts";
import { readOwnership } from "./ownership/ownership.ts";
import { flag, readArguments } from "./read-arguments.ts";
import { runMain } from "./run-main.ts";

const help = `Reads your tools, resources and prompts as a model does, and says what it would miss.

  npm run check:tools

It looks at descriptions and arguments, at the messages of ToolErrors in your files, and at what the definitions cost
in tokens. The exit code is 1 when there is something to better. docs/tools.md tells the rules.
`;

/** Tokens above which a definition costs more than most say with it; a model reads all of them with every request. */
const usualTokens = { ofOne: 500, ofAll: 6000 };

async function main(): Promise<void> {
  if (readHelp(process.argv.slice(2))) {
    process.stdout.write(help);
    return;
  }
  const problems = [
    ...findOfferProblems(ownFeatures),
    ...(await findErrorProblems()),
    ...findCosts(),
  ];
  for (const { where, problem } of problems) console.log(`${styleText("red", where)}: ${problem}`);
  const { tools, resources, prompts } = ownFeatures;
  const looked = `${count(tools, "tool")}, ${count(resources, "resource")}, ${count(prompts, "prompt")}`;
  if (problems.length > 0) {
    console.log(`\n${looked}: ${problems.length} to better. docs/tools.md says why.`);
    process.exitCode = 1;
    return;
  }
  const tokens = tools.reduce((sum, tool) => sum + estimateTokens(tool), 0);
  console.log(styleText("green", `${looked}: nothing to better. About ${tokens} tokens in all.`));
}

/** @throws UserError for an option that does not exist. */
function readHelp(args: string[]): boolean {
  return readArguments(help, { args, options: { help: flag } }).values.help;
}

async function findErrorProblems(): Promise<OfferProblem[]> {
  const ownership = readOwnership(projectRoot);
  const mistakes = await listMistakes(projectRoot, (file) => ownership.isTheirs(file));
  return mistakes.flatMap(({ file, message }) => {
    // It is made elsewhere: nobody can read it here.
    if (message === undefined) return [];
    const problems = findMessageProblems(message);
    return problems.map((problem) => ({ where: `${file}, "${message}"`, problem }));
  });
}

function findCosts(): OfferProblem[] {
  const costs = ownFeatures.tools.map((tool) => ({ tool, tokens: estimateTokens(tool) }));
  const all = costs.reduce((sum, { tokens }) => sum + tokens, 0);
  const { ofOne, ofAll } = usualTokens;
  return [
    ...costs
      .filter(({ tokens }) => tokens > ofOne)
      .map(({ tool, tokens }) => ({
        where: `tool ${tool.name}`,
        problem: `costs about ${tokens} tokens with every request, over ${ofOne}: shorten its descriptions or split it`,
      })),
    ...(all > ofAll
      ? [{ where: "tools", problem: `cost about ${all} tokens in all, over ${ofAll}: offer fewer` }]
      : []),
  ];
}

function count(list: readonly unknown[], noun: string): string {
  return `${list.length} ${noun}${list.length === 1 ? "" : "s"}`;
}

await runMain(main);
