import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { expect, test } from "vitest";
import { connectModern, logIn } from "../support/connect.ts";
import { deployStack } from "../support/deploy-stack.ts";
import { type FaultKind, faultKinds } from "../support/fault-kinds.ts";
import { storyTime } from "../support/patience.ts";
import { Person } from "../support/person.ts";
import { sample } from "../support/sample.ts";
import { Workshop } from "../support/workshop.ts";

// Stories of several deployments, on a machine that may be busy with other tests.

const probeSecret = "canary-probe-secret-of-more-than-32-characters";
const scriptPath = "/workers/scripts/remote-mcp-server-dev";

/** Where the Worker of the dev stack answers. */
function findOrigin({ cloud }: Workshop): string {
  const found = cloud.local.workers.find(({ script }) => script === "remote-mcp-server-dev");
  return `http://localhost:${found?.port}`;
}

/** The code that serves. */
async function readServedCode({ cloud }: Workshop): Promise<string> {
  const content = await cloud.client.workers.scripts.content.get(
    "remote-mcp-server-dev",
    cloud.account,
  );
  const [[, part] = []] = await content.formData();
  return part === undefined ? "" : new Response(part).text();
}

/** Sets a setting of the dev stack. */
async function configure(workshop: Workshop, ...args: readonly string[]): Promise<void> {
  const { code, stderr } = await workshop.pulumi("config", "set", "-s", "dev", ...args);
  expect(code, stderr).toBe(0);
}

/** Code that no client of /mcp notices, and doctor does: the document of /sse is gone. */
async function breakDocument({ checkout }: Workshop): Promise<void> {
  await checkout.edit(
    "worker/index.ts",
    "export default handlers;",
    `export default {
  ...handlers,
  fetch: async (...args: Parameters<typeof handlers.fetch>) =>
    args[0].url.includes("oauth-protected-resource/sse")
      ? new Response("broken", { status: 500 })
      : handlers.fetch(...args),
};`,
  );
}

/** A client that calls a tool again and again. It counts the calls, and keeps why some failed. */
class Caller implements AsyncDisposable {
  calls = 0;
  readonly failed: string[] = [];
  readonly #end = new AbortController();
  readonly #calling: Promise<void>;

  constructor(client: Awaited<ReturnType<typeof connectModern>>) {
    this.#calling = this.#call(client);
  }

  async #call(client: Awaited<ReturnType<typeof connectModern>>): Promise<void> {
    while (!this.#end.signal.aborted) {
      this.calls += 1;
      await client
        .callTool({ name: "sum", arguments: { a: 20, b: 22 } })
        .then((sum) => expect(sum).toMatchObject({ structuredContent: { sum: 42 } }))
        .catch((error: Error) => this.failed.push(error.message));
      // As a client does that is used by a person, and not as fast as the machine can.
      await pause(100);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end.abort();
    await this.#calling;
  }
}

test("a deployment whose doctor fails is taken back while a client keeps calling, also after it was killed in between; one that breaks off midway says what serves, and the same command finishes it; so does a way back", {
  timeout: sample(storyTime, 5 * storyTime),
}, async ({ skip }) => {
  await using workshop = await Workshop.make(skip);
  const { checkout } = workshop;
  const { version } = JSON.parse(await checkout.read("package.json")) as { version: string };
  const pattern = version.replaceAll(".", "\\.");
  const first = await workshop.succeed("deploy", "--yes");
  expect(first).toContain("Worker remote-mcp-server-dev is made");
  expect(first).toContain("made, empty: McpSession, PersonState");
  expect(first).toContain("1 of the free plan's 5 cron triggers");
  expect(first).toContain("this is the first deployment: there is nothing to go back to");
  expect(first).toContain("Deployed, and doctor found no failure.");

  const origin = findOrigin(workshop);
  const good = await readServedCode(workshop);
  const token = await logIn(origin, new Person("ada@example.com"), "modern");
  await using client = await connectModern(origin, token);
  await breakDocument(workshop);
  await configure(workshop, "serverTitle", "Tools");
  await configure(workshop, "--secret", "probeSecret", probeSecret);
  const settings = await checkout.read("Pulumi.dev.yaml");

  const caller = new Caller(client);
  // By its long name, too, its settings file and its Worker are called after the last part.
  const long = "organization/remote-mcp-server/dev";
  const failing = await workshop.fail("deploy", "--stack", long, "--output", "deploy.md");
  await caller[Symbol.asyncDispose]();
  console.info(
    `${caller.calls} calls during the deployment and the way back, ${caller.failed.length} failed`,
  );
  expect(caller.failed).toEqual([]);
  expect(caller.calls).toBeGreaterThan(20);
  for (const words of [
    new RegExp(`the Worker's code: version ${pattern} \\(SHA-256 \\w{12}…\\) → version ${pattern}`),
    'setting serverTitle: "Example" → "Tools"',
    "secret probeSecret: set",
    "binding PROBE_SECRET (secret_text): is made",
    "What is lost\n  - nothing",
    "Who is signed out\n  - nobody",
    "every rule of infra/policy holds",
    "signs in with the stack's probe secret",
    new RegExp(`the code and settings that serve now, version ${pattern} \\(.*\\), are restored`),
    /failed +Each endpoint has its protected-resource document/,
    /oauth-protected-resource\/sse answers 500/,
    "was restored with its settings. Doctor finds no failure in it.",
  ]) {
    expect(failing).toEqual(
      typeof words === "string" ? expect.stringContaining(words) : expect.stringMatching(words),
    );
  }
  const summary = await checkout.read("deploy.md");
  expect(summary).toMatch(
    /^# deploy: organization\/remote-mcp-server\/dev\n\n\*\*Doctor failed on the new version/,
  );
  expect(summary.match(/^## doctor: /gm)).toHaveLength(2);
  expect(await readServedCode(workshop)).toBe(good);
  expect(await checkout.read("Pulumi.dev.yaml")).toBe(settings);
  // What was put back has its old settings, and no more bindings than before.
  const served = await workshop.cloud.client.workers.scripts.scriptAndVersionSettings.get(
    "remote-mcp-server-dev",
    workshop.cloud.account,
  );
  expect(JSON.stringify(served.bindings)).toContain('"title":"Example"');
  expect(served.bindings?.map(({ name }) => name)).not.toContain("PROBE_SECRET");

  // The next plan says the same again, of the Worker and nothing else.
  const plan = await workshop.succeed("deploy", "--plan");
  expect(plan).toContain(`the Worker's code: version ${version} restored (SHA-256`);
  expect(plan).toContain('setting serverTitle: "Example" → "Tools"');
  const { stdout: preview } = await workshop.pulumi("preview", "-s", "dev");
  expect(preview).toMatch(/~ .*WorkersScript +worker +update/);
  expect(preview).toMatch(/~ 1 to update\n +\+-2 to replace/);

  // Killed after the upload: the next run knows what served before it.
  const killed = workshop.start("deploy");
  await killed.waitFor(/Deployed\. Doctor looks/);
  killed.signal("SIGKILL");
  await killed.end();
  expect(await readServedCode(workshop)).not.toBe(good);
  const second = await workshop.fail("deploy");
  expect(second).toContain("an earlier run ended before its doctor did");
  expect(second).toContain("was restored with its settings");
  expect(await readServedCode(workshop)).toBe(good);

  // What is put right is deployed, also by a run after one that broke off.
  await checkout.write("worker/index.ts", await readFile("worker/index.ts", "utf8"));
  await deployInEachTrouble(workshop);
  // Nothing of a way back is left.
  expect((await workshop.pulumi("stack", "tag", "ls", "-s", "dev", "--json")).stdout).not.toContain(
    "way-back",
  );
  await client.callTool({ name: "sum", arguments: { a: 1, b: 1 } });

  const nothing = await workshop.succeed("deploy");
  expect(nothing).toContain("Nothing to change. Doctor looks at what serves.");
  await goBackInEachTrouble(workshop);
  expect(workshop.seen).not.toContain(probeSecret);
  const left = await readdir(join(workshop.home.stateFolder, "../tmp"));
  expect(left.filter((name) => name.startsWith("way-back"))).toEqual([]);
});

test("what cannot be taken back, or not be judged, is refused in words before anything is deployed", async ({
  skip,
}) => {
  await using workshop = await Workshop.make(skip);
  const { checkout } = workshop;
  await deployStack(workshop, "dev");
  const account = workshop.listAccount();

  expect(await workshop.fail("deploy", "--stack", "nowhere")).toContain(
    'there is no stack "nowhere" in this Pulumi backend, and no file Pulumi.nowhere.yaml',
  );
  expect(await workshop.fail("deploy", "--token", "abc")).toContain("a token on the command line");
  await checkout.write(
    "Pulumi.prod.yaml",
    "config:\n  remote-mcp-server:environment: production\n  remote-mcp-server:identityMethod: oidc\n",
  );
  expect(await workshop.fail("deploy", "--stack", "prod", "--plan")).toContain(
    'the stack "prod" is described in Pulumi.prod.yaml and is not in this Pulumi backend yet',
  );
  expect((await workshop.pulumi("stack", "ls")).stdout).not.toContain("prod");
  expect(await workshop.fail("deploy", "--stack", "prod", "--yes")).toContain(
    "probeSecret: prod is production, and doctor could not sign in",
  );

  await breakDocument(workshop);
  await checkout.edit(
    "worker/durable-objects.ts",
    "\n];",
    '\n  { tag: "v5", rename: [{ from: "Throttle", to: "Brake" }] },\n];',
  );
  await checkout.edit("worker/durable-objects.ts", 'THROTTLES: "Throttle"', 'THROTTLES: "Brake"');
  await checkout.edit("worker/objects.ts", "export { Throttle }", "export { Throttle as Brake }");
  await configure(workshop, "keyGeneration", "2");
  // As on a machine whose CLI was installed without it: policy packs cannot be run then.
  const plugins = join(workshop.environment.PULUMI_HOME ?? "", "plugins");
  const host = (await readdir(plugins)).find((name) => name.startsWith("language-nodejs"));
  await rm(join(plugins, host ?? ""), { recursive: true });
  const refused = await workshop.fail("deploy", "--yes");
  expect(refused).toContain("There is no way back from this deployment");
  expect(refused).toContain("Throttle is called Brake from then on and keeps its data");
  expect(refused).toContain("keyGeneration 1 → 2");
  expect(refused).toContain("give --no-way-back");
  expect(refused).toMatch(
    /not asked: this machine's Pulumi CLI cannot run policy packs \(.*nodejs/,
  );
  expect(workshop.listAccount()).toEqual(account);

  const stays = await workshop.fail("deploy", "--no-way-back");
  expect(stays).toContain("there is no way back: the new version stays");
  expect(await readServedCode(workshop)).toContain("Brake");
  const tags = await workshop.pulumi("stack", "tag", "ls", "-s", "dev", "--json");
  expect(tags.stdout).not.toContain("way-back");
});

/** A call of a deployment, and what befalls it. */
interface Trouble extends FaultKind {
  readonly method: "PUT" | "GET";
  readonly path: string;
}

/** The upload alone, and not what lies below it. */
const upload = { method: "PUT", path: `/${scriptPath.replaceAll("/", "\\/")}$/` } as const;
const readingCalls = [`${scriptPath}/content`, `${scriptPath}/deployments`].map(
  (path) => ({ method: "GET", path }) as const,
);

/** Every kind of fault at each kind of call; first what `npm test` looks at. */
const troubles: readonly Trouble[] = [
  ...faultKinds
    .filter(({ name }) => name === "500")
    .map((kind) => ({ ...kind, method: "PUT" as const, path: `${scriptPath}/schedules` })),
  ...faultKinds.filter(({ isOfReading }) => !isOfReading).map((kind) => ({ ...kind, ...upload })),
  ...readingCalls.flatMap((call) => faultKinds.map((kind) => ({ ...kind, ...call }))),
];

/** Deploys a change for each kind of trouble: it breaks off midway, and the same command finishes it. */
async function deployInEachTrouble(workshop: Workshop): Promise<void> {
  for (const [index, { method, path, name, fault, count }] of troubles
    .slice(0, sample(1, troubles.length))
    .entries()) {
    await configure(workshop, "serverTitle", `Title ${index}`);
    await configure(workshop, "purgeSchedule", `${index} * * * *`);
    workshop.breakCall(method, path, fault, { count });
    const { code, said } = await deployInTrouble(workshop);
    if (index === 0) {
      expect(code).toBe(1);
      expect(said).toMatch(/the new version serves already .* Run this command again/s);
    }
    const label = `${name} at ${method} ${path}:\n${said}`;
    if (code !== 0) expect(said, label).toMatch(/serves|Cloudflare|way back|nothing answers at/);
    const again = await workshop.succeed("deploy");
    expect(again, label).toMatch(/doctor found no failure/);
    expect(again, label).not.toContain("no way back");
    const account = JSON.stringify(workshop.listAccount());
    expect(account).toContain(`${index} * * * *`);
    expect(account).toContain(`Title ${index}`);
  }
}

/** Deploys what doctor refuses, with trouble on the way back: the same command finishes that. */
async function goBackInEachTrouble(workshop: Workshop): Promise<void> {
  const good = await readServedCode(workshop);
  await breakDocument(workshop);
  const onTheWay = [
    ...troubles.filter(({ path }) => path === upload.path),
    ...troubles.filter(({ path }) => path.endsWith("/deployments")),
  ];
  let readings = 0;
  for (const { method, path, name, fault, count } of onTheWay.slice(
    0,
    sample(1, onTheWay.length),
  )) {
    // The new version is uploaded by then.
    workshop.breakCall(method, path, fault, { count, after: method === "PUT" ? 1 : readings });
    workshop.cloud.local.cloud.journal.clear();
    const { code, said } = await deployInTrouble(workshop);
    readings ||= countReadingsBeforeUpload(workshop);
    const label = `${name} at ${method} ${path}:\n${said}`;
    expect(code, label).toBe(1);
    if (!said.includes("was restored with its settings")) {
      expect(said, label).toMatch(/knows? (what to go back to|the previous version)/);
      expect(await workshop.fail("deploy"), label).toContain("was restored with its settings");
    }
    expect(await readServedCode(workshop), label).toBe(good);
  }
}

/** How often it is asked what serves, before the first upload of the journal. */
function countReadingsBeforeUpload({ cloud }: Workshop): number {
  const calls = cloud.local.cloud.journal.list().toReversed();
  const first = calls.findIndex(
    ({ method, path }) => method === "PUT" && path.endsWith(scriptPath),
  );
  return calls.slice(0, first).filter(({ path }) => path.endsWith("/deployments")).length;
}

/** Deploys while a call is in trouble, and ends the trouble. What it says has no stack trace in it. */
async function deployInTrouble(workshop: Workshop): Promise<{ code: number | null; said: string }> {
  const { code, stdout, stderr } = await workshop.run("deploy");
  workshop.cloud.local.cloud.faults.clear();
  const said = stdout + stderr;
  expect(said).not.toMatch(/^\s+at .*:\d+:\d+\)?$/m);
  return { code, said };
}
