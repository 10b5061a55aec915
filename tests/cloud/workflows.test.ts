import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { GitHubDouble } from "../support/github.ts";
import { storyTime } from "../support/patience.ts";
import { makeTempFolder } from "../support/temp-folder.ts";
import { Workshop } from "../support/workshop.ts";
import {
  type Contexts,
  type JobEnding,
  type Runner,
  runJob,
  selectJobs,
} from "../workflows/runner.ts";
import { readWorkflows } from "../workflows/workflows.ts";

const workflows = Object.fromEntries((await readWorkflows()).map((one) => [one.file, one]));

/**
 * Runs what an event starts, job by job, each on a checkout without what another has left in it.
 * @throws Error where another job starts, or a step ends otherwise than it should.
 */
async function runWorkflow(
  file: string,
  contexts: Contexts,
  runner: Runner,
  jobs: string[],
  exitCode = 0,
) {
  const workflow = workflows[file];
  if (workflow === undefined) throw new Error(`There is no ${file}.`);
  expect(selectJobs(workflow, contexts)).toEqual(jobs);
  const endings: JobEnding[] = [];
  for (const job of jobs) {
    await makeFresh(runner.cwd);
    endings.push(await runJob(workflow, job, contexts, runner));
  }
  for (const { steps } of endings) {
    expect(steps).toHaveLength(1);
    for (const { code, stdout, stderr } of steps) expect(code, stdout + stderr).toBe(exitCode);
  }
  return endings;
}

/** Removes what Git ignores, but for the packages. */
async function makeFresh(checkout: string): Promise<void> {
  const files = await readdir(checkout);
  const ignored = files.filter((file) => /^\.build$|^Pulumi\.pr-.*\.yaml$/.test(file));
  for (const file of ignored) await rm(join(checkout, file), { recursive: true });
}

/** A repository that is set up as docs/previews.md says, and a runner of its workflows. */
function setUp(workshop: Workshop, double: GitHubDouble, folder: string) {
  const { PULUMI_BACKEND_URL, PULUMI_CONFIG_PASSPHRASE, ...home } = workshop.home.environment;
  const { GITHUB_TOKEN, ...github } = double.environment;
  const { local } = workshop.cloud;
  const contexts = {
    vars: { CLOUDFLARE_ACCOUNT_ID: local.accountId, PULUMI_BACKEND_URL, PRODUCTION_STACK: "stage" },
    secrets: { CLOUDFLARE_API_TOKEN: local.token, PULUMI_CONFIG_PASSPHRASE },
  };
  const runner: Runner = {
    cwd: workshop.checkout.path("."),
    folder,
    environment: {
      ...home,
      ...github,
      GITHUB_ACTIONS: "true",
      GITHUB_SERVER_URL: "https://github.com",
      GITHUB_RUN_ID: "77",
      CLOUDFLARE_BASE_URL: local.baseUrl,
    },
  };
  const main = {
    actor: "ada",
    token: GITHUB_TOKEN,
    repository: "ada/example",
    ref: "refs/heads/main",
    ref_name: "main",
  };
  const onMain = { ...main, event: { repository: { default_branch: "main" } } };
  const pull = (action: string, number: number, sha: string, from = "ada/example") => ({
    ...main,
    event: {
      action,
      pull_request: {
        number,
        user: { login: "ada" },
        head: { sha, repo: { full_name: from } },
        base: { ref: "main" },
      },
    },
  });
  return { contexts, runner, onMain, pull };
}

test("a pull request's life at GitHub: opened, pushed to, closed; and one that sweep finds", {
  timeout: storyTime,
}, async ({ skip }) => {
  await using workshop = await Workshop.make(skip);
  await using double = await GitHubDouble.start();
  await using folder = await makeTempFolder();
  const { contexts, runner, onMain, pull } = setUp(workshop, double, folder.path);
  const start = (action: string, number: number, sha: string, job: string, exitCode = 0) => {
    const given = { ...contexts, github: pull(action, number, sha) };
    return runWorkflow("preview.yml", given, runner, [job], exitCode);
  };
  double.open(12, 13);
  const before = workshop.listAccount();

  const [opened] = await start("opened", 12, "1111111", "up");
  expect(double.comments).toMatchObject([{ pullRequest: 12, login: "github-actions[bot]" }]);
  expect(double.comments[0]?.body).toContain("## ✅ Preview pr-12 at `1111111`");
  expect(double.comments[0]?.body).toContain("First push of this preview");
  expect(opened?.summary).toBe(double.comments[0]?.body);

  await start("synchronize", 12, "2222222", "up");
  expect(double.comments).toHaveLength(1);
  expect(double.comments[0]?.body).toContain("`1111111` → `2222222`");

  // A server at which no client can sign in is deployed, and the job fails.
  await workshop.checkout.edit(
    "worker/app.ts",
    "authorization_servers: [settings.origin]",
    'authorization_servers: [settings.origin + "/nowhere"]',
  );
  const [broken] = await start("opened", 13, "3333333", "up", 1);
  expect(double.comments[1]?.body).toMatch(
    /## ❌ Preview pr-13: deployed at `3333333`, and clients will fail[\s\S]*[1-9]\d* failed/,
  );
  expect(broken?.summary).toBe(double.comments[1]?.body);
  // Another repository shares the backend, and has a pull request 13 too.
  const other = { GITHUB_REPOSITORY: "eve/example" };
  const foreign = await workshop.runWith(other, "preview", "down", "--pr", "13");
  expect(foreign.code).toBe(1);
  expect(foreign.stderr).toMatch(
    /pr-13 is a preview of ada\/example, and this runs for eve\/example/,
  );

  double.pullRequests.set(12, "closed");
  await start("closed", 12, "2222222", "down");
  expect(double.comments).toHaveLength(2);
  expect(double.comments[0]?.body).toContain("## Preview pr-12 is removed");

  // Closed by Dependabot, say: no job with secrets ran.
  double.pullRequests.set(13, "closed");
  const sweep = () => runWorkflow("sweep.yml", { ...contexts, github: onMain }, runner, ["sweep"]);
  // Somebody opens it again after the sweep was planned.
  let asked = 0;
  double.onCall = (call) => {
    if (!call.endsWith("/pulls/13")) return;
    asked += 1;
    if (asked === 2) double.pullRequests.set(13, "open");
  };
  const [kept] = await sweep();
  expect(kept?.steps[0]?.stdout).toContain("pr-13: stays, its pull request is open again.");
  double.pullRequests.set(13, "closed");
  await sweep();
  expect(double.comments[1]?.body).toContain("## Preview pr-13 is removed");
  expect(workshop.listAccount()).toEqual(before);

  const secrets = Object.values({ ...contexts.secrets, token: double.environment.GITHUB_TOKEN });
  const said = JSON.stringify([opened, double.comments]);
  for (const secret of secrets) expect(said).not.toContain(secret);
});

test("a fork's pull request has its preview inside the job, without a secret, and nothing is left of it", {
  timeout: storyTime,
}, async ({ skip }) => {
  await using workshop = await Workshop.make(skip);
  await using double = await GitHubDouble.start();
  await using folder = await makeTempFolder();
  const { contexts, runner, pull } = setUp(workshop, double, folder.path);
  const before = workshop.listAccount();
  await makeFresh(runner.cwd);
  const files = await readdir(runner.cwd);
  const expectNothingLeft = async () => {
    expect(workshop.listAccount()).toEqual(before);
    expect((await readdir(runner.cwd)).filter((file) => !files.includes(file))).toEqual([".build"]);
    const temporary = await readdir(workshop.home.environment.TMPDIR ?? "");
    expect(temporary.filter((name) => /^remote-mcp-server/.test(name))).toEqual([]);
    expect((await workshop.pulumi("stack", "ls")).stdout).not.toContain("pr-12");
  };
  const [ending] = await runWorkflow(
    "preview.yml",
    { vars: contexts.vars, secrets: {}, github: pull("opened", 12, "1111111", "eve/example") },
    runner,
    ["rehearse"],
  );
  expect(ending?.summary).toContain("## ✅ Preview pr-12 at `1111111`");
  expect(ending?.summary).toContain("http://localhost:");
  // Of a stack that is gone, nothing is told that a reader could not use.
  const said = [ending?.summary, ...(ending?.steps ?? []).map(({ stdout }) => stdout)].join("\n");
  expect(said).not.toMatch(/password|preview down|unless somebody pushes|claude_desktop_config/i);
  expect(double.calls).toEqual([]);
  await expectNothingLeft();

  // The variables of an account are there now, and still it is not that account.
  await using interrupted = workshop.start("preview", "rehearse", "--pr", "12");
  await interrupted.waitFor(/Deploying pr-12/);
  interrupted.signal("SIGTERM");
  expect((await interrupted.end()).code).not.toBe(0);
  await expectNothingLeft();

  await workshop.checkout.write("Pulumi.pr-12.yaml", "config: {}\n");
  expect(await workshop.fail("preview", "rehearse", "--pr", "12")).toContain(
    "has deployed the preview",
  );
  expect(await workshop.checkout.read("Pulumi.pr-12.yaml")).toBe("config: {}\n");
});

test("main is deployed to dev and to the stack that is production's; what is changed by hand fails the job of drift", {
  timeout: storyTime,
}, async ({ skip }) => {
  await using workshop = await Workshop.make(skip);
  await using double = await GitHubDouble.start();
  await using folder = await makeTempFolder();
  const { contexts, runner, onMain } = setUp(workshop, double, folder.path);
  const main = { ...contexts, github: onMain };
  const both = ["dev", "production"];
  for (const stack of ["dev", "stage"]) {
    await workshop.checkout.write(
      `Pulumi.${stack}.yaml`,
      await workshop.checkout.read("Pulumi.dev.yaml"),
    );
    expect(await workshop.pulumi("stack", "init", stack)).toMatchObject({ code: 0 });
  }
  const deployed = await runWorkflow("deploy.yml", main, runner, both);
  expect(deployed.flatMap(({ commands }) => commands)).toEqual([
    'npm run mcp -- deploy --stack dev --yes --output "$GITHUB_STEP_SUMMARY"',
    'npm run mcp -- deploy --stack "$STACK" --yes --output "$GITHUB_STEP_SUMMARY"',
  ]);
  const workers = workshop.cloud.local.workers.map(({ script }) => script);
  expect(workers).toEqual(["remote-mcp-server-dev", "remote-mcp-server-stage"]);
  for (const { summary } of deployed) expect(summary).toMatch(/^#+ .*(dev|stage)/m);

  const { client, account } = workshop.cloud;
  for (const worker of workers) {
    await client.workers.scripts.subdomain.create(worker, { ...account, enabled: false });
  }
  const drifted = await runWorkflow("drift.yml", main, runner, both, 1);
  expect(drifted[0]?.commands).toEqual([
    'npm run mcp -- drift --stack dev --format markdown --output "$GITHUB_STEP_SUMMARY"',
  ]);
  for (const { summary } of drifted) expect(summary).toContain("workers.dev");
  expect(double.calls).toEqual([]);
});
