import { listSteps, type Workflow } from "./workflows.ts";

/** An action, pinned by commit, with the release that the commit is. */
const pinned = /^\s*(?:- )?uses: ([\w.-]+\/[\w.-]+)@[0-9a-f]{40} # v\d+\.\d+\.\d+$/;

/** What a step may run: one command, whose words need no shell but for variables in quotes. */
const oneCommand =
  /^(?:npm ci|\.ci\/(?:run|find-browser)|tests\/languages\/build(?: [\w-]+)*|npm run [\w:]+(?: -- (?:[\w.,/=-]+|"\$[A-Z_]+"| )+)?)$/;

/** What a variable of a step may be: a text, or one value of GitHub's. */
const plainValue = /^(?:[^$]*|\$\{\{ (?:github|vars|secrets)(?:\.\w+)+ \}\})$/;

/** A permission to write, by job, and what it is for. */
const mayWrite: Readonly<Record<string, readonly string[]>> = {
  "preview.yml, job up": ["pull-requests"],
  "preview.yml, job down": ["pull-requests"],
  "sweep.yml, job sweep": ["pull-requests"],
};

/** What is wrong with a workflow, as far as a shell, a token or foreign code could be led astray. */
export function findProblems(workflow: Workflow): string[] {
  return [
    ...findLooseActions(workflow),
    ...findForeignCode(workflow),
    ...findLogic(workflow),
    ...findPermissions(workflow),
    ...findOverlaps(workflow),
  ];
}

function findLooseActions({ file, text }: Workflow): string[] {
  return text.split("\n").flatMap((line, index) => {
    if (!/\buses:/.test(line) || pinned.test(line)) return [];
    return `${file}:${index + 1}: an action is pinned by its commit, with its version after it`;
  });
}

/** Events on which code of a fork would run with this repository's secrets or its write token. */
function findForeignCode({ file, on }: Workflow): string[] {
  const events = ["pull_request_target", "workflow_run", "issue_comment"];
  return events.flatMap((event) => (event in on ? `${file}: ${event}` : []));
}

function findLogic(workflow: Workflow): string[] {
  return listSteps(workflow).flatMap(({ step: { run, uses, env = {}, with: given = {} }, at }) => {
    const problems: string[] = [];
    if (run?.includes("${{")) problems.push(`${at}: a value of GitHub's in a command line: ${run}`);
    if (run !== undefined && !oneCommand.test(run)) problems.push(`${at}: no one command: ${run}`);
    for (const [name, value] of Object.entries(env)) {
      if (!plainValue.test(String(value))) problems.push(`${at}: logic in ${name}`);
      if (!new RegExp(`\\b${name}\\b`).test(run ?? "") && !isTaken(name)) {
        problems.push(`${at}: nothing takes ${name}`);
      }
    }
    for (const [, name = ""] of run?.matchAll(/\$([A-Z_]+)/g) ?? []) {
      if (!(name in env) && name !== "GITHUB_STEP_SUMMARY") problems.push(`${at}: no ${name}`);
    }
    if (uses?.startsWith("actions/checkout@") && given["persist-credentials"] !== false) {
      problems.push(`${at}: the token stays in the checkout`);
    }
    return problems;
  });
}

/** Whether the commands take a variable: the secret of a tool, or one of those that are named here. */
function isTaken(name: string): boolean {
  return /^MCP_[A-Z][A-Z0-9_]*$/.test(name) || taken.has(name);
}

/** Variables that the commands, `.ci/run` and Pulumi take from their environment. */
const taken = new Set([
  "PULL_REQUEST_BASE",
  "PUSHED_ONTO",
  "GITHUB_TOKEN",
  "CLOUDFLARE_ACCOUNT_ID",
  "CLOUDFLARE_API_TOKEN",
  "CLOUDFLARE_PLAN",
  "PULUMI_BACKEND_URL",
  "PULUMI_ACCESS_TOKEN",
  "PULUMI_CONFIG_PASSPHRASE",
  "AWS_ACCESS_KEY_ID",
  "AWS_SECRET_ACCESS_KEY",
]);

function findPermissions({ file, permissions, jobs }: Workflow): string[] {
  const problems = Object.keys(permissions).map((name) => `${file}: ${name} for every job`);
  for (const [name, { permissions: given }] of Object.entries(jobs)) {
    const at = `${file}, job ${name}`;
    if (given === undefined) problems.push(`${at}: no permissions are named`);
    for (const [what, level] of Object.entries(given ?? {})) {
      if (level === "write" && !mayWrite[at]?.includes(what))
        problems.push(`${at}: writes ${what}`);
    }
  }
  return problems;
}

/** A run that changes an account goes to its end, and one goes after the other. */
function findOverlaps({ file, concurrency, jobs }: Workflow): string[] {
  return Object.entries(jobs).flatMap(([name, job]) => {
    const group = job.concurrency ?? concurrency;
    const at = `${file}, job ${name}`;
    if (group === undefined) return `${at}: no concurrency group`;
    const changes = job.steps.some(({ run }) => /preview (up|down|sweep)|deploy/.test(run ?? ""));
    return changes && group["cancel-in-progress"] ? `${at}: is cancelled half-way` : [];
  });
}
