import type { Tool } from "../kit/index.ts";
import type { Scope } from "../scopes.ts";
import add from "./add.ts";
import calculate from "./calculate.ts";
import chooseUnit from "./choose-unit.ts";
import deleteMyData from "./delete-my-data.ts";
import exportMyData from "./export-my-data.ts";
import forget from "./forget.ts";
import history from "./history.ts";
import randomWalk from "./random-walk.ts";
import recall from "./recall.ts";
import remember from "./remember.ts";
import statistics from "./statistics.ts";
import whoami from "./whoami.ts";

/** Every tool of this server, in the order `tools/list` gives them. A new tool is one file and one line here. */
export const tools: readonly Tool<Scope>[] = [
  add,
  calculate,
  statistics,
  chooseUnit,
  randomWalk,
  remember,
  recall,
  forget,
  history,
  exportMyData,
  deleteMyData,
  whoami,
];

/**
 * Tools that were here once and that no other replaces: by name, what a model should do instead, in a
 * sentence. A client that keeps an old list of tools calls them. A renamed tool says it in `replaces`.
 */
export const removedTools: Readonly<Record<string, string>> = {};
