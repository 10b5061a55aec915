import type { Measured, MeasuredFigure } from "../../scripts/docs/performance/measured.ts";
import { makeTempFolder } from "../support/temp-folder.ts";
import type { Contestant } from "./contestants.ts";
import type { Bench, Built, Figure, Part, Running } from "./figure.ts";
import type { Target } from "./load/http.ts";
import { Load } from "./load/load.ts";
import { shuffle, toSpread } from "./numbers.ts";
import { startServer } from "./server.ts";

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
  const all: Built[] = [];
  for (const contestant of contestants) {
    onProgress(`building ${contestant.title}`);
    const spec = await contestant.build(folder.path);
    let running: Promise<Running> | undefined;
    const start = async () => {
      onProgress(`starting ${contestant.title}`);
      const { target } = servers.use(await startServer(spec));
      return warm(contestant, target, load);
    };
    all.push({
      contestant,
      spec,
      start() {
        running ??= start();
        return running;
      },
    });
  }
  const samples = new Samples();
  for (let round = 1; round <= rounds; round += 1) {
    const parts = shuffle(listParts(all, figures, round));
    for (const [index, { figure, of, part }] of parts.entries()) {
      onProgress(
        `round ${round} of ${rounds}, ${index + 1} of ${parts.length}: ${figure.name} of ${of.contestant.title}`,
      );
      const sample = await part(of, bench).catch((error: unknown) => {
        throw new Error(`${figure.name} of ${of.contestant.title} failed.`, { cause: error });
      });
      for (const [metric, value] of Object.entries(sample)) {
        samples.add(figure.name, metric, of.contestant.name, value);
      }
    }
  }
  return Object.fromEntries(
    figures.map((figure) => [figure.name, samples.summarize(figure, rounds)] as const),
  );
}

/** Signs people in, and calls: code that runs often is compiled anew. */
async function warm(contestant: Contestant, target: Target, load: Load): Promise<Running> {
  const { login: way, resources, eras, hasSessions } = contestant;
  const job = { target, path: resources.mcp, times: logins };
  const signedIn = way === undefined ? [] : (await load.run("logIn", { ...job, way })).logins;
  const tokens = signedIn.map(({ accessToken }) => accessToken);
  for (const era of eras) {
    await load.run("call", { target, tokens, era, inFlight: 8, calls: warmCalls, hasSessions });
  }
  return { target, tokens };
}

function listParts(all: readonly Built[], figures: readonly Figure[], round: number) {
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
