import { projectRoot } from "../../../infra/bundle.ts";
import { runProgram } from "../../../scripts/dev/run-program.ts";
import { readStackConfig } from "../../../scripts/dev/stack-config.ts";
import type { Metric } from "../../../scripts/docs/performance/measured.ts";
import { fixtureProgram } from "../../fixture/program.ts";
import { type Checkout, waitUntilReady } from "../../support/checkout.ts";
import { makeFixtureCheckout } from "../../support/fixture-checkout.ts";
import { writeFixtureProject } from "../../support/fixture-project.ts";
import type { Program } from "../../support/program.ts";
import { makeTempFolder } from "../../support/temp-folder.ts";
import type { Figure } from "../figure.ts";
import { origin } from "../load/http.ts";
import { quantile } from "../numbers.ts";
import { measureMemory, measureTreeCpu } from "../process-use.ts";

const starts = 3;
const reloads = 5;

/** A change that can be made again and again: `from` stands in the file, `to` is another text each time. */
interface Kind {
  readonly file: string;
  readonly from: string;
  to(run: number): string;
}

const kinds = {
  tool: {
    file: "worker/tools/index.ts",
    from: "import ",
    to: (run) => `// ${run}\nimport `,
  },
  page: {
    file: "worker/pages/home.tsx",
    from: "import ",
    to: (run) => `// ${run}\nimport `,
  },
  setting: {
    file: "Pulumi.dev.yaml",
    from: "config:\n",
    to: (run) => `config:\n  remote-mcp-server:registrationsPerDay: ${100 + run}\n`,
  },
} as const satisfies Record<string, Kind>;

/** What somebody waits for who writes a tool, in a copy of the project. */
export const dev: Figure = {
  name: "dev",
  title: "npm start",
  metrics: {
    program: { label: "the program under mocks, with the bundle", unit: "ms" },
    start: { label: "start to the first answer", unit: "ms" },
    ...Object.fromEntries(
      Object.keys(kinds).flatMap((kind): [string, Metric][] => [
        [`${kind}.reload`, { label: `a changed ${kind} to the line that says so`, unit: "ms" }],
        [`${kind}.cpu`, { label: `a changed ${kind}: CPU of all processes`, unit: "ms" }],
      ]),
    ),
    memory: { label: "memory, with workerd", unit: "MB" },
  },
  mostRounds: 1,
  plan: ({ root, login }) =>
    root !== projectRoot || login !== "pages"
      ? []
      : [
          async () => {
            await using checkout = await makeFixtureCheckout();
            const program = await timeProgram();
            const start = await timeStart(checkout);
            await using running = checkout.start();
            await waitUntilReady(running);
            const changes: Record<string, number> = {};
            for (const [name, kind] of Object.entries(kinds)) {
              const { time, cpu } = await timeReload(checkout, running, kind);
              changes[`${name}.reload`] = time;
              changes[`${name}.cpu`] = cpu;
            }
            return { program, start, ...changes, memory: await measureMemory(running.pid) };
          },
        ],
};

async function timeProgram(): Promise<number> {
  await using folder = await makeTempFolder();
  await writeFixtureProject(folder.path);
  const { values, ...config } = await readStackConfig(folder.path, "dev");
  const request = {
    ...config,
    values: { ...values, [`${config.project}:publicUrl`]: origin },
    program: fixtureProgram,
    keys: {},
  };
  return timeMedian(starts, () => runProgram(request));
}

function timeStart(checkout: Checkout): Promise<number> {
  return timeMedian(starts, async () => {
    await using program = checkout.start();
    const address = await waitUntilReady(program);
    await fetch(`${address}/`);
  });
}

async function timeMedian(times: number, work: () => Promise<unknown>): Promise<number> {
  const measured: number[] = [];
  for (let time = 0; time < times; time += 1) {
    const begun = performance.now();
    await work();
    measured.push(performance.now() - begun);
  }
  return quantile(measured, 0.5);
}

async function timeReload(
  checkout: Checkout,
  program: Program,
  { file, from, to }: Kind,
): Promise<{ time: number; cpu: number }> {
  const text = await checkout.read(file);
  const times: number[] = [];
  await waitUntilIdle(program.pid);
  const cpu = await measureTreeCpu(program.pid);
  for (let run = 1; run <= reloads; run += 1) {
    await waitUntilIdle(program.pid);
    const seen = countReloads(program);
    const begun = performance.now();
    await checkout.write(file, text.replace(from, to(run)));
    while (countReloads(program) === seen) await new Promise((resolve) => setTimeout(resolve, 5));
    times.push(performance.now() - begun);
  }
  await waitUntilIdle(program.pid);
  const spent = (await measureTreeCpu(program.pid)) - cpu;
  return { time: quantile(times, 0.5), cpu: spent / reloads };
}

/**
 * Waits until what may wait is done as well: the check of types, the look at what tools need. Nobody saves again
 * within the second, and a reload that gave way to the one before would count twice.
 */
async function waitUntilIdle(pid: number): Promise<void> {
  const look = 500;
  let before = await measureTreeCpu(pid);
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, look));
    const now = await measureTreeCpu(pid);
    if (now - before < look / 10) return;
    before = now;
  }
}

function countReloads({ printed }: Program): number {
  return printed.match(/Reloaded in \d+ ms/g)?.length ?? 0;
}
