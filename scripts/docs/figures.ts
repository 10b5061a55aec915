import { readFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "../../infra/bundle.ts";

/** A kind of run: where it is, and its figures in the order in which they are told. */
interface FigureSet {
  readonly title: string;
  /** The test whose whole run, `npm run test:soak`, writes the figures. */
  readonly test: string;
  /** Name of a figure, and the words behind its number. */
  readonly words: Readonly<Record<string, string>>;
}

const crowd = {
  people: "people",
  streams: "streams open all the time",
  calls: "calls",
  refreshes: "refreshes",
  logins: "logins",
  revocations: "connections given back",
  foreign: "answers of another person",
  wrong: "wrong answers",
  failed: "good requests refused",
  firstMegabytes: "MB of memory in the first quarter",
  lastMegabytes: "MB in the last",
};

/** Every kind of run, in the order of docs/security.md. One that has never been run has no file and no line. */
export const figureSets = {
  load: { title: "Load on the dev stack", test: "tests/load/load.test.ts", words: crowd },
  "load-local-cloud": {
    title: "Load on a deployment to the local cloud",
    test: "tests/cloud/load.test.ts",
    words: crowd,
  },
  "thirty-days": {
    title: "Thirty days in simulated time",
    test: "tests/load/thirty-days.test.ts",
    words: {
      days: "days",
      people: "people",
      processes: "client processes",
      calls: "calls",
      refreshes: "refreshes",
      lostAnswers: "answers lost on their way",
      restartedObjects: "objects taken out of memory",
      deployments: "deployments",
      retries: "requests told to come again",
      signedOut: "people signed out",
      failed: "calls failed that were not told to come again",
    },
  },
} as const satisfies Record<string, FigureSet>;

/** Name of a kind of run. */
export type FigureName = keyof typeof figureSets;

/** Where the figures of a run are kept. */
export function toFigurePath(name: FigureName): string {
  return join(projectRoot, "docs/figures", `${name}.json`);
}

/** What the last whole run of each kind came to, for `docs/security.md`. */
export function describeFigures(): string {
  const lines = Object.entries(figureSets).flatMap(([name, { title, test, words }]) => {
    const figures = readFigures(name as FigureName);
    if (figures === undefined) return [];
    const told = Object.entries(words).flatMap(([key, word]) => {
      const figure = figures[key];
      return figure === undefined ? [] : [`${figure.toLocaleString("en-US")} ${word}`];
    });
    return [`- **${title}** (\`${test}\`): ${told.join(", ")}.`];
  });
  return lines.length === 0 ? "No whole run has left its figures yet." : lines.join("\n");
}

function readFigures(name: FigureName): Readonly<Record<string, number>> | undefined {
  try {
    return JSON.parse(readFileSync(toFigurePath(name), "utf8")) as Record<string, number>;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}
