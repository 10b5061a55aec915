import { parseArgs } from "node:util";
import type { ProfiledWork } from "../../scripts/docs/performance/measured.ts";
import { UserError } from "../../scripts/errors.ts";

/** What a person asks of a benchmark. */
export interface BenchOptions {
  /** Names of figures. */
  readonly only: readonly string[];
  /** Names of contestants. */
  readonly contestants: readonly string[];
  readonly rounds: number;
  /** Whether what is measured is kept for the documents: a whole run always, any other with `--keep`. */
  readonly isKept: boolean;
  /** Whether everything is measured, in rounds enough to judge it. */
  readonly isWhole: boolean;
  /** Whether where the time goes is told, and nothing is measured; see `chooseWork`. */
  readonly isProfile: boolean;
  /** What is left of the command line. */
  readonly rest: readonly string[];
}

/** Rounds whose median can be told. */
const wholeRounds = 5;

/**
 * Reads the options of a command line.
 * @throws UserError for one that it does not know, and for a name that is none.
 */
export function readOptions(
  args: readonly string[],
  known: { readonly figures: readonly string[]; readonly contestants: readonly string[] },
): BenchOptions {
  const { values, positionals } = parse(args);
  const rounds = Number(values.rounds ?? wholeRounds);
  if (!Number.isInteger(rounds) || rounds < 1) {
    throw new UserError(`--rounds ${values.rounds} is not a number of rounds. Give 1 or more.`);
  }
  const isWhole =
    values.only === undefined && values.contestants === undefined && rounds >= wholeRounds;
  return {
    only: pick("--only", values.only, known.figures),
    contestants: pick("--contestants", values.contestants, known.contestants),
    rounds,
    isWhole,
    isKept: isWhole || values.keep,
    isProfile: values.profile,
    rest: positionals,
  };
}

/** Whose time is told: a login's with `--only login`, otherwise a call's. */
export function chooseWork({ only }: Pick<BenchOptions, "only">): ProfiledWork {
  return only.length === 1 && only[0] === "login" ? "login" : "call";
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        only: { type: "string" },
        contestants: { type: "string" },
        rounds: { type: "string" },
        keep: { type: "boolean", default: false },
        profile: { type: "boolean", default: false },
      },
    });
  } catch (error) {
    throw new UserError((error as Error).message);
  }
}

/** The names in a list with commas, in the order in which they are known. Without a list: all. */
function pick(option: string, list: string | undefined, known: readonly string[]): string[] {
  if (list === undefined) return [...known];
  const wanted = list.split(",").map((name) => name.trim());
  const wrong = wanted.find((name) => !known.includes(name));
  if (wrong !== undefined) {
    throw new UserError(`${option} "${wrong}" is not known. Choose among ${known.join(", ")}.`);
  }
  return known.filter((name) => wanted.includes(name));
}
