/**
 * `node tests/bench/reload.ts [runs]`: how long the dev server takes for each kind of change, from the written
 * file to the line that says so, in a copy of the project. On a busy machine look at the CPU time.
 */
import { readFileSync } from "node:fs";
import { listDescendants, waitUntilReady } from "../support/checkout.ts";
import { makeFixtureCheckout } from "../support/fixture-checkout.ts";
import type { Program } from "../support/program.ts";

/** A change that can be made again and again: `from` stands in the file, `to` is another text each time. */
interface Kind {
  readonly name: string;
  readonly file: string;
  readonly from: string;
  to(run: number): string;
}

const kinds: readonly Kind[] = [
  {
    name: "tool",
    file: "worker/tools/index.ts",
    from: "import ",
    to: (run) => `// ${run}\nimport `,
  },
  {
    name: "page",
    file: "worker/pages/home.tsx",
    from: "import ",
    to: (run) => `// ${run}\nimport `,
  },
  {
    name: "setting",
    file: "Pulumi.dev.yaml",
    from: "config:\n",
    to: (run) => `config:\n  remote-mcp-server:registrationsPerDay: ${100 + run}\n`,
  },
];

/** Clock ticks of Linux in a second. */
const ticks = 100;

const runs = Number(process.argv[2] ?? 7);
await using checkout = await makeFixtureCheckout();
await using program = checkout.start();
await waitUntilReady(program);
console.log("change   median ms   CPU ms of all processes");
for (const { name, file, from, to } of kinds) {
  const text = await checkout.read(file);
  const times: number[] = [];
  const cpu = await measureCpu(program);
  for (let run = 1; run <= runs; run += 1) {
    const seen = countReloads(program);
    const begun = performance.now();
    await checkout.write(file, text.replace(from, to(run)));
    await waitForReload(program, seen);
    times.push(performance.now() - begun);
  }
  const spent = ((await measureCpu(program)) - cpu) / runs;
  const median = times.toSorted((one, other) => one - other)[Math.floor(runs / 2)] ?? 0;
  console.log(
    `${name.padEnd(8)} ${median.toFixed(0).padStart(9)} ${spent.toFixed(0).padStart(10)}`,
  );
}

async function waitForReload(server: Program, seen: number): Promise<void> {
  while (countReloads(server) === seen) await new Promise((resolve) => setTimeout(resolve, 5));
}

function countReloads({ printed }: Program): number {
  return printed.match(/Reloaded in \d+ ms/g)?.length ?? 0;
}

/** CPU milliseconds of the dev server with its children, those that have ended included. */
async function measureCpu({ pid }: Program): Promise<number> {
  const all = [pid, ...(await listDescendants(pid))];
  const spent = all.map((id) => {
    const stat = readStat(id);
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    // utime, stime, and those of children that were waited for (proc(5), fields 14 to 17).
    return fields.slice(11, 15).reduce((sum, each) => sum + Number(each), 0);
  });
  return (spent.reduce((sum, each) => sum + each, 0) * 1000) / ticks;
}

function readStat(id: number): string {
  try {
    return readFileSync(`/proc/${id}/stat`, "utf8");
  } catch {
    return "";
  }
}
