/** `npm run mcp -- adopt`: brings a Worker that is there already under a stack. */
import { Command, InvalidArgumentError, Option } from "commander";
import { createProgress } from "../terminal/progress.ts";
import type { AdoptingStack } from "./adopt/open-stack.ts";
import type { AdoptionPlan } from "./adopt/plan-adoption.ts";
import { createListOption, createStackOption, createValueOption } from "./options.ts";

interface AdoptOptions {
  readonly worker: string;
  readonly stack: string;
  readonly url?: URL;
  readonly kvBinding?: string;
  readonly drop: readonly string[];
  readonly legacyResource?: "mcp" | "sse";
  readonly sharedWith: readonly string[];
  readonly undo?: true;
  readonly yes?: true;
  readonly json?: true;
}

const details = `
Without --yes it only says what it would do. With it, the stack is created, its settings are written, and
its state takes over the Worker, its KV namespace and its addresses as they are. Nothing in the account
changes; the next \`npx pulumi up\` does that, and only as announced. Until then, --undo gives it back.

Examples:
  npm run mcp -- adopt --worker remote-mcp-server --stack prod
  npm run mcp -- adopt --worker remote-mcp-server --stack prod --url https://mcp.example.com --yes
  npm run mcp -- adopt --worker remote-mcp-server --stack prod --undo --yes

Exit codes: 0 done, 1 it cannot be done, 2 wrong usage. docs/adopt.md has the steps.
`;

/** `adopt --worker <name> --stack <name>` */
export function createCommand(): Command {
  return new Command("adopt")
    .description(
      "Brings a Worker that was made with wrangler or by hand under a stack, with its KV namespace, Durable Objects and addresses. Nothing is replaced or interrupted.",
    )
    .addOption(
      createValueOption(
        "--worker <name>",
        "the Worker, by its name in the account",
      ).makeOptionMandatory(),
    )
    .addOption(
      createStackOption(
        "the stack to bring it under; created if it does not exist",
      ).makeOptionMandatory(),
    )
    .addOption(
      new Option("--url <url>", "public URL, if several hosts lead to the Worker").argParser(
        takeUrl,
      ),
    )
    .addOption(
      createValueOption(
        "--kv-binding <name>",
        "binding of the KV namespace with the OAuth data; none for a new one",
      ),
    )
    .addOption(
      createListOption(
        "--drop <binding>",
        "a binding that need not be kept; may be repeated",
        "all are kept",
      ),
    )
    .addOption(
      new Option(
        "--legacy-resource <endpoint>",
        "what grants of an older OAuth library are for, which name no resource",
      ).choices(["mcp", "sse"]),
    )
    .addOption(
      createListOption(
        "--shared-with <worker>",
        "another Worker that may continue to use what the stack takes; may be repeated",
        "none",
      ),
    )
    .option("--undo", "give back what was adopted, as long as nothing was uploaded")
    .option("--yes", "do it; without this, only show what would be done")
    .option("--json", "the plan as JSON")
    .addHelpText("after", details)
    .action(adopt);
}

async function adopt(options: AdoptOptions): Promise<void> {
  const { worker, stack: name, yes, json } = options;
  if (options.undo) return undo(options);
  const progress = createProgress(process.stderr);
  progress.show(`looking at ${worker}`);
  // Loaded here: it takes a while, which a help text need not wait for.
  const { openAdoptingStack } = await import("./adopt/open-stack.ts");
  const { planAdoption } = await import("./adopt/plan-adoption.ts");
  const { formatAdoptionPlan, toPlanJson } = await import("./adopt/format-plan.ts");
  const { toJson } = await import("../terminal/format.ts");
  const stack = await openAdoptingStack(name, worker);
  const plan = await planAdoption(stack, worker, options);
  progress.clear();
  if (json) console.log(toJson(toPlanJson(plan)));
  else console.log(formatAdoptionPlan(plan, name, stack.file));
  if (!yes) {
    if (!json) console.log("\nDry run: nothing was changed. With --yes this is done.");
    return;
  }
  const said = await carryOut(stack, plan, progress);
  if (!json) console.log(`\n${said}`);
}

async function undo({ worker, stack: name, yes }: AdoptOptions): Promise<void> {
  // Loaded here: it takes a while, which a help text need not wait for.
  const { formatGiveBack, giveBack, planGiveBack } = await import("./adopt/give-back.ts");
  const plan = await planGiveBack(name, worker);
  console.log(formatGiveBack(plan));
  if (!yes) return console.log("\nDry run: nothing was changed. With --yes this is done.");
  await giveBack(plan);
  console.log(`\nThe Worker "${worker}" is as it was, and under no stack.`);
}

async function carryOut(
  stack: AdoptingStack,
  plan: AdoptionPlan,
  progress: ReturnType<typeof createProgress>,
): Promise<string> {
  const { takeOver } = await import("./adopt/take-over.ts");
  try {
    return await takeOver(stack, plan, progress);
  } finally {
    progress.clear();
  }
}

function takeUrl(value: string): URL {
  if (URL.canParse(value) && /^https?:$/.test(new URL(value).protocol)) return new URL(value);
  throw new InvalidArgumentError("It must be an address. Example: https://mcp.example.com");
}
