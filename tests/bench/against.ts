/**
 * `npm run bench:against -- <revision>`: a call of the fixture's `sum` here and at another revision of
 * this repository that has the fixture, in one run and by turns, since only such figures can be compared.
 */
import { execFile } from "node:child_process";
import { symlink } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { projectRoot } from "../../infra/bundle.ts";
import { fixtureProgram } from "../fixture/program.ts";
import { waitUntilReady } from "../support/checkout.ts";
import { makeFixtureCheckout } from "../support/fixture-checkout.ts";
import { postMessage, postModern, toToolCall } from "../support/mcp-by-hand.ts";
import { OAuthApp } from "../support/oauth-app.ts";
import { Person } from "../support/person.ts";
import { Program } from "../support/program.ts";
import { makeTempFolder } from "../support/temp-folder.ts";
import { report } from "./figures.ts";

const rounds = 300;
const [revision] = process.argv.slice(2);
if (revision === undefined) {
  console.error("Name a revision: npm run bench:against -- HEAD~1");
  process.exit(1);
}

await using folder = await makeTempFolder();
const other = join(folder.path, "other");
const git = (...args: string[]) => promisify(execFile)("git", ["-C", projectRoot, ...args]);
await git("worktree", "add", "--detach", other, revision);
await using _removed = {
  [Symbol.asyncDispose]: async () => {
    await git("worktree", "remove", "--force", other);
  },
};
await symlink(join(projectRoot, "node_modules"), join(other, "node_modules"));

/** A dev server of one revision, with somebody logged in. */
async function start(root: string, home: string, ...args: readonly string[]) {
  const environment = { PATH: process.env.PATH ?? "", HOME: home };
  const program = new Program(
    join(root, "scripts/dev.ts"),
    ["--port", "0", ...args],
    environment,
    root,
  );
  const origin = await waitUntilReady(program);
  const app = await OAuthApp.register(origin);
  const { accessToken } = await app.logIn(new Person("ada@example.com"));
  return { program, mcp: `${origin}/mcp`, accessToken };
}

// A copy: the data of whoever works here stays as it is.
await using checkout = await makeFixtureCheckout();
const here = await start(checkout.path("."), folder.path);
await using _here = here.program;
const there = await start(other, folder.path, "--program", fixtureProgram);
await using _there = there.program;

const call = toToolCall("sum", { a: 2, b: 3 });
const ways = {
  "legacy wire": ({ mcp, accessToken }: typeof here) => postMessage(mcp, accessToken, call),
  "modern wire": ({ mcp, accessToken }: typeof here) =>
    postModern(mcp, accessToken, "tools/call", { name: "sum", arguments: { a: 2, b: 3 } }),
};
for (const [way, send] of Object.entries(ways)) {
  const times = { here: [] as number[], there: [] as number[] };
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, server] of Object.entries({ here, there })) {
      const begun = performance.now();
      const text = await (await send(server)).text();
      if (!text.includes('"sum":5')) throw new Error(text);
      times[name as keyof typeof times].push(performance.now() - begun);
    }
  }
  report(`sum, ${way}, here`, times.here, "ms");
  report(`sum, ${way}, ${revision}`, times.there, "ms");
  const median = (figures: number[]) => figures.toSorted((a, b) => a - b)[rounds / 2] ?? 0;
  console.log(`ratio of the medians: ${(median(times.here) / median(times.there)).toFixed(3)}`);
}
