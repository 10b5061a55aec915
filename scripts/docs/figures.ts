import { existsSync, readFileSync, renameSync } from "node:fs";
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
  firstHeap: "MB on the Worker's heap in the first quarter",
  lastHeap: "MB in the last",
  firstMegabytes: "MB of memory of workerd in the first quarter",
  lastMegabytes: "MB in the last",
};

const requests = {
  cases: "cases",
  endpoints: "kinds of requests to begin with",
  statuses: "different statuses",
  slowestMilliseconds: "ms for the slowest",
  failures: "answers that fail, hang, or tell of the server",
};

/** Every kind of run, in the order of docs/security.md. One that has never been run has no file and no line. */
const figureSets = {
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
  "fuzz-worker": {
    title: "Wrong requests to the Worker",
    test: "tests/abuse/fuzz.test.ts",
    words: requests,
  },
  "fuzz-local-cloud": {
    title: "Wrong requests to the local cloud's API",
    test: "tests/abuse/fuzz-local-cloud.test.ts",
    words: requests,
  },
  "fuzz-settings": {
    title: "Wrong settings of a stack",
    test: "tests/abuse/fuzz-files.test.ts",
    words: { cases: "cases", read: "that are valid", refused: "refused by name" },
  },
  "fuzz-connect": {
    title: "Broken files of clients",
    test: "tests/abuse/fuzz-files.test.ts",
    words: {
      cases: "cases",
      written: "got their entry and were given back as they were",
      refused: "refused and left as they were",
    },
  },
  faults: {
    title: "Faults",
    test: "tests/abuse/faults.test.ts",
    words: { faults: "kinds of faults, each with the outcome that is promised" },
  },
  canaries: {
    title: "Secrets of a whole life",
    test: "tests/cloud/secrets.test.ts",
    words: { canaries: "secrets and tokens", places: "places searched, none found in clear" },
  },
} as const satisfies Record<string, FigureSet>;

export type FigureName = keyof typeof figureSets;

function toFigurePath(name: string): string {
  return join(projectRoot, "docs/figures", `${name}.json`);
}

/**
 * Where a run leaves its figures until `npm run docs` takes them: figures beside a page that does not have them yet
 * would fail the tests that compare the two, in this checkout and in copies of it.
 */
export const newFigures = join(projectRoot, ".dev/figures");

export function takeFigures(): void {
  for (const name of Object.keys(figureSets)) {
    const path = join(newFigures, `${name}.json`);
    if (existsSync(path)) renameSync(path, toFigurePath(name));
  }
}

/** The figures of the last whole run of each kind, for `docs/security.md`. */
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
