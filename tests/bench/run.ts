import { makeTempFolder } from "../support/temp-folder.ts";
import type { Contestant } from "./contestants.ts";
import type { Bench, Figure, Metric, Part, Running } from "./figure.ts";
import { Load } from "./load/load.ts";
import { type Spread, shuffle, toSpread } from "./numbers.ts";
import { startServer } from "./server.ts";

/** A metric with what each contestant came to, by its name. */
export interface Measured extends Metric {
  readonly values: Readonly<Record<string, Spread>>;
}

/** A figure as it was measured. */
export interface MeasuredFigure {
  readonly title: string;
  readonly rounds: number;
  readonly metrics: Readonly<Record<string, Measured>>;
}

/** What is run. */
export interface Run {
  readonly contestants: readonly Contestant[];
  readonly figures: readonly Figure[];
  readonly rounds: number;
  /** Told how far it is. */
  readonly onProgress: (words: string) => void;
}

/** Logins that the calls of a contestant share. */
const logins = 16;

/** Calls before the first round: code that runs often is compiled anew. */
const warmCalls = 600;

/** Measures every figure of every contestant in rounds; within a round everything comes in random order. */
export async function runFigures(run: Run): Promise<Record<string, MeasuredFigure>> {
  const { contestants, figures, rounds, onProgress } = run;
  await using folder = await makeTempFolder();
  using load = new Load();
  await using servers = new AsyncDisposableStack();
  const bench: Bench = { load, folder: folder.path };
  const running: Running[] = [];
  for (const contestant of contestants) {
    onProgress(`starting ${contestant.title}`);
    const spec = await contestant.build(folder.path);
    const { target } = servers.use(await startServer(spec));
    running.push(await warm({ contestant, spec, target, tokens: [] }, load));
  }
  const samples = new Samples();
  for (let round = 1; round <= rounds; round += 1) {
    const parts = shuffle(listParts(running, figures, round));
    for (const [index, { figure, of, part }] of parts.entries()) {
      onProgress(
        `round ${round} of ${rounds}, ${index + 1} of ${parts.length}: ${figure.name} of ${of.contestant.title}`,
      );
      const sample = await part(of, bench);
      for (const [metric, value] of Object.entries(sample)) {
        samples.add(figure.name, metric, of.contestant.name, value);
      }
    }
  }
  return Object.fromEntries(
    figures.map((figure) => [figure.name, samples.summarize(figure, rounds)] as const),
  );
}

async function warm(running: Running, load: Load): Promise<Running> {
  const { contestant, target } = running;
  const { login: way, resources, eras, hasSessions } = contestant;
  const tokens =
    way === undefined
      ? []
      : (await load.run("logIn", { target, way, path: resources.mcp, times: logins })).logins.map(
          ({ accessToken }) => accessToken,
        );
  for (const era of eras) {
    await load.run("call", { target, tokens, era, inFlight: 8, calls: warmCalls, hasSessions });
  }
  return { ...running, tokens };
}

function listParts(all: readonly Running[], figures: readonly Figure[], round: number) {
  return figures.flatMap((figure) =>
    round > (figure.mostRounds ?? round)
      ? []
      : all.flatMap((of) => figure.plan(of.contestant).map((part: Part) => ({ figure, of, part }))),
  );
}

class Samples {
  readonly #values = new Map<string, number[]>();

  add(figure: string, metric: string, contestant: string, value: number): void {
    const key = JSON.stringify([figure, metric, contestant]);
    this.#values.set(key, [...(this.#values.get(key) ?? []), value]);
  }

  /** @throws Error for a sample that the figure does not name. */
  summarize({ name, title, metrics, mostRounds }: Figure, rounds: number): MeasuredFigure {
    const measured: Record<string, Measured> = {};
    for (const [key, values] of this.#values) {
      const [figure, metric, contestant] = JSON.parse(key) as [string, string, string];
      if (figure !== name) continue;
      const description = metrics[metric];
      if (description === undefined) throw new Error(`${name} has no metric "${metric}".`);
      const before = measured[metric]?.values;
      measured[metric] = { ...description, values: { ...before, [contestant]: toSpread(values) } };
    }
    const inOrder = Object.keys(metrics).flatMap((key) => {
      const found = measured[key];
      return found === undefined ? [] : [[key, found] as const];
    });
    return {
      title,
      rounds: Math.min(rounds, mostRounds ?? rounds),
      metrics: Object.fromEntries(inOrder),
    };
  }
}
