import { expect, test } from "vitest";
import { selectJobs } from "./runner.ts";
import { readWorkflows } from "./workflows.ts";

const workflows = Object.fromEntries((await readWorkflows()).map((one) => [one.file, one]));

/** Jobs that an event starts. */
function select(file: string, github: object, vars: object = { CLOUDFLARE_ACCOUNT_ID: "1" }) {
  const workflow = workflows[file];
  if (workflow === undefined) throw new Error(`There is no ${file}.`);
  return selectJobs(workflow, { github: { ...main, ...github }, vars, secrets: {} });
}

const main = {
  actor: "ada",
  repository: "ada/example",
  ref: "refs/heads/main",
  ref_name: "main",
  event: { repository: { default_branch: "main" } },
};

/** An event of a pull request. */
function pull(action: string, from: string | null, actor = "ada") {
  const head = { repo: from === null ? null : { full_name: from } };
  return { actor, event: { action, pull_request: { head } } };
}

test("a pull request gets a preview; one that comes without secrets, a rehearsal", () => {
  for (const action of ["opened", "synchronize", "reopened"]) {
    expect(select("preview.yml", pull(action, "ada/example"))).toEqual(["up"]);
    expect(select("preview.yml", pull(action, "eve/example"))).toEqual(["rehearse"]);
    // The fork is deleted.
    expect(select("preview.yml", pull(action, null))).toEqual(["rehearse"]);
    expect(select("preview.yml", pull(action, "ada/example", "dependabot[bot]"))).toEqual([
      "rehearse",
    ]);
    expect(select("preview.yml", pull(action, "ada/example"), {})).toEqual(["rehearse"]);
  }
  expect(select("preview.yml", pull("closed", "ada/example"))).toEqual(["down"]);
  expect(select("preview.yml", pull("closed", "eve/example"))).toEqual([]);
  expect(select("preview.yml", pull("closed", "ada/example"), {})).toEqual([]);
});

test("main is deployed to dev, and on to production where there is one; nothing before it is set up", () => {
  const production = { CLOUDFLARE_ACCOUNT_ID: "1", PRODUCTION_STACK: "prod" };
  const branch = { ref: "refs/heads/wild", ref_name: "wild" };
  expect(select("deploy.yml", {})).toEqual(["dev"]);
  expect(select("deploy.yml", {}, production)).toEqual(["dev", "production"]);
  expect(select("deploy.yml", branch, production)).toEqual([]);
  expect(select("deploy.yml", {}, {})).toEqual([]);
  expect(select("drift.yml", {}, production)).toEqual(["dev", "production"]);
  expect(select("drift.yml", {})).toEqual(["dev"]);
  expect(select("drift.yml", branch, production)).toEqual([]);
  expect(select("sweep.yml", {})).toEqual(["sweep"]);
  expect(select("sweep.yml", branch)).toEqual([]);
  expect(select("sweep.yml", {}, {})).toEqual([]);
  expect(select("ci.yml", branch, {})).toEqual(["mine", "test"]);
  // It needs no account.
  expect(select("provider.yml", {}, {})).toEqual(["cloud"]);
  expect(select("provider.yml", branch, {})).toEqual([]);
});
