import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { projectRoot } from "../../infra/bundle.ts";
import { findProblems } from "./find-problems.ts";
import { parseWorkflow, readWorkflows } from "./workflows.ts";

test("the workflows run pinned actions and single commands, with no more rights than they need", async () => {
  const workflows = await readWorkflows();
  expect(workflows.map(({ file }) => file)).toEqual([
    "ci.yml",
    "deploy.yml",
    "drift.yml",
    "preview.yml",
    "provider.yml",
    "sweep.yml",
  ]);
  expect(workflows.flatMap(findProblems)).toEqual([]);
});

/** Which file of tests/support needs something of the machine, and which step of a workflow gets it. */
const gotBy: Readonly<Record<string, string | undefined>> = {
  "chromium.ts": ".ci/find-browser",
  "engine.ts": "npm run provider:install",
  "inspector-page.ts": ".ci/find-browser",
  "language-programs.ts": "tests/languages/build python-cloudflare",
};

test("where no test of deployments may be skipped, the workflow gets first what they need", async () => {
  const folder = join(projectRoot, "tests/cloud");
  const files = (await readdir(folder, { recursive: true })).filter((file) => /\.ts$/.test(file));
  const texts = await Promise.all(files.map((file) => readFile(join(folder, file), "utf8")));
  const needed = texts.flatMap((text) =>
    [...text.matchAll(/support\/([\w-]+\.ts)"/g)].flatMap(([, file = ""]) => gotBy[file] ?? []),
  );
  expect(needed).toContain("tests/languages/build python-cloudflare");
  const workflow = (await readWorkflows()).find(({ file }) => file === "provider.yml");
  const steps = workflow?.jobs.cloud?.steps.map(({ run }) => run) ?? [];
  const before = steps.slice(0, steps.indexOf("npm run test:provider"));
  for (const step of needed) expect(before).toContain(step);
});

test("each change runs a server's own tests, and the whole is told what to compare with", async () => {
  const jobs = (await readWorkflows()).find(({ file }) => file === "ci.yml")?.jobs;
  expect(jobs?.mine?.steps.map(({ run }) => run)).toContain("npm run test:mine");
  const [checkout, ...steps] = jobs?.test?.steps ?? [];
  expect(checkout?.with).toMatchObject({ "fetch-depth": 0 });
  const whole = steps.find(({ run }) => run === ".ci/run");
  const script = await readFile(join(projectRoot, ".ci/run"), "utf8");
  expect(Object.keys(whole?.env ?? {})).toHaveLength(2);
  for (const name of Object.keys(whole?.env ?? {})) expect(script).toContain(`\${${name}:-`);
  // It decides before anything that takes long.
  expect(script.indexOf("scripts/ownership/changed.ts")).toBeLessThan(script.indexOf("build"));
});

test("one action has one commit everywhere", async () => {
  const used = new Map<string, Set<string>>();
  for (const { text } of await readWorkflows()) {
    for (const [, action = "", commit = ""] of text.matchAll(/uses: ([\w./-]+)@(.+)$/gm)) {
      used.set(action, (used.get(action) ?? new Set()).add(commit));
    }
  }
  expect([...used.keys()].sort()).toEqual(["actions/checkout", "actions/setup-node"]);
  for (const [action, commits] of used) expect([...commits], action).toHaveLength(1);
});

/** A workflow with one job, to break. */
function write(step: string, job = "permissions: {}", whole = "permissions: {}"): string {
  return `name: a\non: { push: null }\n${whole}\nconcurrency: { group: a, cancel-in-progress: true }\njobs:\n  b:\n    runs-on: ubuntu-24.04\n    timeout-minutes: 5\n    ${job}\n    steps:\n      - ${step}\n`;
}

test("each way to lead a workflow astray is found", () => {
  const commit = "a".repeat(40);
  const find = (text: string) => findProblems(parseWorkflow("a.yml", text)).join("\n");
  expect(find(write("run: npm ci"))).toBe("");
  // The secret of a tool, as docs/previews.md says.
  // biome-ignore lint/suspicious/noTemplateCurlyInString: GitHub's own placeholders.
  const secret = 'env: { MCP_WEATHER_API_KEY: "${{ secrets.MCP_WEATHER_API_KEY }}" }';
  expect(find(write(`run: npm ci\n        ${secret}`))).toBe("");
  const cases: readonly (readonly [string, RegExp])[] = [
    [write("uses: actions/checkout@v7"), /pinned/],
    [write(`uses: actions/cache@${commit}`), /pinned/],
    [write(`uses: actions/checkout@${commit} # v7.0.1`), /token stays/],
    [
      write("run: npm ci").replace("push: null", "pull_request_target: null"),
      /pull_request_target/,
    ],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: GitHub's own placeholders.
    [write('run: "npm run mcp -- deploy --stack ${{ github.head_ref }}"'), /in a command line/],
    [write("run: npm ci && npm test"), /no one command/],
    [write("run: npm run mcp -- deploy --stack $STACK"), /no one command/],
    [write('run: npm run mcp -- drift --stack "$STACK"'), /no STACK/],
    [write("run: curl https://example.com"), /no one command/],
    [write("run: npm ci\n        env: { UNUSED: a }"), /nothing takes UNUSED/],
    [write("run: npm ci\n        env: { MCP_: a }"), /nothing takes MCP_/],
    [
      // biome-ignore lint/suspicious/noTemplateCurlyInString: GitHub's own placeholders.
      write("run: npm ci\n        env: { GITHUB_TOKEN: \"${{ github.token || 'a' }}\" }"),
      /logic in GITHUB_TOKEN/,
    ],
    [write("run: npm ci", "permissions: { contents: write }"), /writes contents/],
    [write("run: npm ci", "if: always()"), /no permissions/],
    [write("run: npm ci", "permissions: {}", "permissions: { contents: read }"), /for every job/],
    [write("run: npm run mcp -- deploy --stack dev --yes"), /cancelled half-way/],
  ];
  for (const [text, problem] of cases) expect(find(text)).toMatch(problem);
  expect(() => find(write("run: npm ci\n        shell: python"))).toThrow();
  expect(() => find(write("run: npm ci", "permissions: {}\n    env: { A: b }"))).toThrow();
});
