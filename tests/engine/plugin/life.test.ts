import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as cloudflare from "@pulumi/cloudflare";
import * as pulumi from "@pulumi/pulumi";
import { expect, test } from "vitest";
import { EngineHome } from "../../support/engine-home.ts";
import { makeTempFolder } from "../../support/temp-folder.ts";
import { RecordedApi } from "../../traffic/recorded-api.ts";
import {
  accountId,
  canary,
  type Draft,
  describeBindings,
  describeScript,
  drafts,
  listImports,
  others,
  tokens,
  writeBundle,
  zoneFilter,
} from "../../traffic/recorded-stack.ts";
import { readTraffic } from "../../traffic/traffic.ts";

/** As the real provider wants one from configuration: 40 to 80 characters. */
const apiToken = "token-of-a-test_".padEnd(40, "0");

/** Its token stands in state, as the secret of a person's configuration does. */
function createProvider(baseUrl: string) {
  return new cloudflare.Provider("cloudflare", { apiToken: pulumi.secret(apiToken), baseUrl });
}

/** The recorded program, around a draft that changes between steps. */
function createProgram(folder: string, baseUrl: string, read: () => Draft) {
  return async () => {
    const draft = read();
    const bundle = await writeBundle(folder, draft);
    const opts = { provider: createProvider(baseUrl) };
    await cloudflare.getWorkersScripts({ accountId }, opts);
    await cloudflare.getZone(zoneFilter, opts);
    const namespace = new cloudflare.WorkersKvNamespace("namespace", others.namespace, opts);
    const script = new cloudflare.WorkersScript(
      "script",
      {
        ...describeScript(draft),
        ...bundle,
        bindings: describeBindings(draft, namespace.id, pulumi.secret(canary)),
      },
      opts,
    );
    const { scriptName } = script;
    new cloudflare.WorkersScriptSubdomain("subdomain", { ...others.subdomain, scriptName }, opts);
    new cloudflare.WorkersCronTrigger("cron", { ...others.cron, scriptName }, opts);
    if (draft.isAddressed) {
      new cloudflare.WorkersRoute("route", { ...others.route, script: scriptName }, opts);
      new cloudflare.WorkersCustomDomain("domain", { ...others.domain, service: scriptName }, opts);
    }
    return { namespaceId: namespace.id, migrationTag: script.migrationTag };
  };
}

/** Files below a folder, with history and copies, that have a text in them. */
async function findFiles(url: string, text: string): Promise<string[]> {
  const entries = await readdir(fileURLToPath(url), { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  const texts = await Promise.all(paths.map((path) => readFile(path, "utf8")));
  return paths.filter((_, index) => texts[index]?.includes(text));
}

/** What `pulumi import --file` takes. The project has no default providers. */
function toImportList(namespaceId: string, deployment: { resources: { urn: string }[] }) {
  const provider = deployment.resources.find(({ urn }) => urn.includes("pulumi:providers:"));
  const resources = Object.entries(listImports(namespaceId)).map(([name, id]) => ({
    name,
    id,
    type: tokens[name as keyof typeof tokens],
    provider: "cloudflare",
  }));
  return { nameTable: { cloudflare: provider?.urn }, resources };
}

test("the engine and the stand-in together send what was recorded, and keep the secret in cipher", async ({
  skip,
}) => {
  const traffic = await readTraffic("life");
  await using api = await RecordedApi.start(traffic);
  await using folder = await makeTempFolder();
  await using home = await EngineHome.make(skip);
  let draft: Draft = drafts.first;
  const stack = await home.createStack(
    "life",
    createProgram(folder.path, api.baseUrl, () => draft),
  );
  const differences: string[] = [];
  const replay = async (step: string, run: () => Promise<void>) => {
    differences.push(...(await api.replay(step, run)));
  };
  const up = async () => (await stack.up({ suppressProgress: true })).summary.resourceChanges;
  const changeNothing = async () => expect(await up()).toEqual({ same: expect.any(Number) });
  const refresh = async () => {
    const preview = await stack.previewRefresh();
    expect(Object.keys(preview.changeSummary)).toEqual(["same"]);
    const { summary } = await stack.refresh();
    expect(Object.keys(summary.resourceChanges ?? {})).toEqual(["same"]);
  };
  const findInState = (text: string) => findFiles(home.environment.PULUMI_BACKEND_URL ?? "", text);
  const expectCipher = async () => {
    expect(await findInState('"ciphertext"')).not.toEqual([]);
    for (const secret of [canary, apiToken]) expect(await findInState(secret)).toEqual([]);
  };

  await replay("1 create", async () => {
    expect((await stack.preview()).changeSummary).toEqual({ create: 6 });
    // The four, their provider and the stack.
    expect(await up()).toEqual({ create: 6 });
  });
  await expectCipher();
  await replay("2 unchanged", changeNothing);
  draft = drafts.changed;
  await replay("3 code change", async () => {
    expect(await up()).toMatchObject({ update: 1 });
  });
  await replay("4 unchanged", changeNothing);
  await replay("5 refresh", refresh);
  await expectCipher();
  await replay("6 preview after refresh", async () => {
    expect(Object.keys((await stack.preview()).changeSummary)).toEqual(["same"]);
  });
  draft = drafts.withPerson;
  await replay("7 new Durable Object class", async () => {
    expect(await up()).toMatchObject({ update: 1 });
  });
  await replay("8 unchanged", changeNothing);
  draft = drafts.addressed;
  await replay("9 route+domain", async () => {
    expect(await up()).toMatchObject({ create: 2 });
  });
  await replay("10 refresh", refresh);
  await replay("10b unchanged", changeNothing);
  await replay("12 destroy", async () => {
    await stack.destroy();
  });
  expect(api.order.slice(-2).map((call) => call.split("/").at(-3))).toEqual(["workers", "kv"]);
  draft = drafts.again;
  await replay("13 up again", async () => {
    await up();
  });
  const { namespaceId } = await stack.outputs();

  const copy = await home.createStack("copy", async () => {
    createProvider(api.baseUrl);
  });
  await copy.up();
  const { deployment } = await copy.exportStack();
  const list = join(folder.path, "import.json");
  await writeFile(list, JSON.stringify(toImportList(String(namespaceId?.value), deployment)));
  await replay("14 import", async () => {
    const cwd = copy.workspace.workDir;
    const options = ["--file", list, "--yes", "--generate-code=false", "--protect=false"];
    const ended = await home.run(["import", "--stack", "copy", ...options], { cwd });
    expect(ended.code, `${ended.stdout}\n${ended.stderr}`).toBe(0);
  });

  await expectCipher();
  console.log(
    `${api.replayed} of ${traffic.length} recorded requests, ${differences.length} differences.`,
  );
  expect(differences).toEqual([]);
  expect(api.replayed).toBe(traffic.length);
});
