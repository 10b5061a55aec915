import { expect, test } from "vitest";
import { absentProducts } from "../../scripts/local-cloud/absent.ts";
import { findEndpoint, TestCloud } from "../support/local-cloud.ts";
import { storyTime } from "../support/patience.ts";
import {
  knownToWranglerOnly,
  listCommands,
  patchOfLatestVersion,
  Wrangler,
} from "../support/wrangler.ts";

/** What the Worker of the story answers. */
interface Reply {
  readonly url: string;
  readonly greeting: string;
  readonly note: string | null;
  readonly secrets: readonly (string | null)[];
  readonly count: number;
}

const counter = (name: string) => `
export class ${name} extends DurableObject {
  next() {
    const count = (this.ctx.storage.kv.get("count") ?? 0) + 1;
    this.ctx.storage.kv.put("count", count);
    return count;
  }
}`;

/** A Worker that shows everything it is bound to. */
const writeCode = (
  classes: readonly string[],
) => `import { DurableObject } from "cloudflare:workers";
${classes.map(counter).join("\n")}
export default {
  async fetch(request, env) {
    return Response.json({
      url: request.url,
      greeting: env.GREETING,
      note: await env.NOTES.get("note"),
      secrets: [env.KEY, env.OTHER].map((secret) => secret ?? null),
      count: await env.COUNTERS.getByName("all").next(),
    });
  },
  async scheduled() {},
};`;

const config = {
  name: "parrot",
  main: "src/index.js",
  compatibility_date: "2026-07-01",
  workers_dev: true,
  routes: [{ pattern: "parrot.example.com/*", zone_name: "example.com" }] as object[],
  triggers: { crons: ["17 * * * *"] },
  vars: { GREETING: "hello" },
  durable_objects: { bindings: [{ name: "COUNTERS", class_name: "Counter" }] },
  migrations: [{ tag: "v1", new_sqlite_classes: ["Counter"] }] as object[],
};

const uuid = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/;

async function ask(cloud: TestCloud): Promise<Reply> {
  const answer = await cloud.fetchWorker("parrot");
  return (await answer.json()) as Reply;
}

/** What `versions list` and `deployments list` print after a label. */
function readId(output: string, label: string): string {
  const [id] = uuid.exec(output.slice(output.indexOf(label))) ?? [];
  if (id === undefined) throw new Error(`There is no id after ${label} in:\n${output}`);
  return id;
}

test.concurrent("a Worker lives its whole life with the real wrangler", {
  timeout: storyTime,
}, async () => {
  await using cloud = await TestCloud.start();
  await using wrangler = await Wrangler.make(cloud);

  wrangler.note("Who am I, and a namespace to bind");
  await wrangler.write("wrangler.json", config);
  expect(await wrangler.run(["whoami"])).toContain(cloud.local.accountId);
  const created = await wrangler.run(["kv", "namespace", "create", "notes"]);
  const [namespace = ""] = /[0-9a-f]{32}/.exec(created) ?? [];
  const kv_namespaces = [{ binding: "NOTES", id: namespace }];
  const configure = (changes: Partial<typeof config>) =>
    wrangler.write("wrangler.json", { ...config, kv_namespaces, ...changes });

  wrangler.note("The first deploy: KV, a Durable Object, a variable, a route, a cron trigger");
  await configure({});
  await wrangler.write("src/index.js", writeCode(["Counter"]));
  const first = await wrangler.run(["deploy"]);
  expect(first).toContain("https://parrot.local.workers.dev");
  expect(first).toContain("parrot.example.com/* (zone name: example.com)");
  expect(first).toContain("schedule: 17 * * * *");
  const firstVersion = readId(first, "Current Version ID");
  const replies = { greeting: "hello", note: null, secrets: [null, null] };
  expect(await ask(cloud)).toMatchObject({ ...replies, count: 1 });
  for (const [index, host] of ["parrot.example.com", "parrot.local.workers.dev"].entries()) {
    const answer = await cloud.fetchHost(host, "/at?host");
    const url = `https://${host}/at?host`;
    expect(await answer.json()).toMatchObject({ ...replies, url, count: index + 2 });
  }

  wrangler.note("Values: what wrangler writes, the Worker reads");
  const inNamespace = ["--namespace-id", namespace, "--remote"];
  await wrangler.run(["kv", "key", "put", "note", "polly wants a cracker", ...inNamespace]);
  expect((await ask(cloud)).note).toBe("polly wants a cracker");
  const [value, keys, namespaces] = await Promise.all([
    wrangler.run(["kv", "key", "get", "note", "--text", ...inNamespace]),
    wrangler.run(["kv", "key", "list", ...inNamespace]),
    wrangler.run(["kv", "namespace", "list"]),
  ]);
  expect(value).toBe("polly wants a cracker\n");
  expect(JSON.parse(keys)).toEqual([{ name: "note" }]);
  expect(JSON.parse(namespaces)).toEqual([
    { id: namespace, title: "notes", supports_url_encoding: true },
  ]);
  await wrangler.run(["kv", "key", "delete", "note", ...inNamespace]);
  expect((await ask(cloud)).note).toBeNull();

  wrangler.note("The second deploy: a version, and a deployment of it");
  await configure({ vars: { GREETING: "salut" } });
  const second = readId(await wrangler.run(["deploy"]), "Current Version ID");
  expect(await ask(cloud)).toMatchObject({ greeting: "salut", count: 6 });
  const calls = cloud.local.cloud.journal.list().map(({ method, path }) => `${method} ${path}`);
  const script = `/accounts/${cloud.local.accountId}/workers/scripts/parrot`;
  expect(calls).toContain(`POST ${script}/versions?bindings_inherit=strict`);
  expect(calls).toContain(`POST ${script}/deployments`);

  wrangler.note("A deploy with one more Durable Object class");
  const migrations = [...config.migrations, { tag: "v2", new_sqlite_classes: ["Tally"] }];
  await configure({ vars: { GREETING: "salut" }, migrations });
  await wrangler.write("src/index.js", writeCode(["Counter", "Tally"]));
  await wrangler.run(["deploy"]);
  expect(await ask(cloud)).toMatchObject({ greeting: "salut", count: 7 });
  const classes = cloud.client.durableObjects.namespaces.list(cloud.account);
  expect((await classes).result.map((each) => each.class)).toEqual(["Counter", "Tally"]);

  wrangler.note("A version that does not serve yet, and then does");
  await configure({ vars: { GREETING: "hola" }, migrations });
  const uploaded = readId(await wrangler.run(["versions", "upload"]), "Worker Version ID");
  expect(await ask(cloud)).toMatchObject({ greeting: "salut" });
  const [versions, status] = await Promise.all([
    wrangler.run(["versions", "list"]),
    wrangler.run(["deployments", "status"]),
  ]);
  for (const id of [firstVersion, second, uploaded]) expect(versions).toContain(id);
  expect(status).not.toContain(uploaded);
  await wrangler.run(["versions", "deploy", `${uploaded}@100%`, "-y"]);
  expect(await ask(cloud)).toMatchObject({ greeting: "hola" });

  wrangler.note("Secrets");
  await wrangler.run(["secret", "put", "KEY"], { input: "swordfish" });
  expect((await ask(cloud)).secrets).toEqual(["swordfish", null]);
  await wrangler.run(["secret", "bulk"], { input: '{"KEY":"herring","OTHER":"shrubbery"}' });
  expect((await ask(cloud)).secrets).toEqual(["herring", "shrubbery"]);
  const listed = await wrangler.run(["secret", "list"]);
  expect(JSON.parse(listed)).toEqual([
    { name: "KEY", type: "secret_text" },
    { name: "OTHER", type: "secret_text" },
  ]);
  await wrangler.run(["secret", "delete", "OTHER"]);
  expect((await ask(cloud)).secrets).toEqual(["herring", null]);

  wrangler.note("A deploy keeps the secrets; a rollback takes a version back");
  await configure({ vars: { GREETING: "ciao" }, migrations });
  await wrangler.run(["deploy"]);
  expect(await ask(cloud)).toMatchObject({ greeting: "ciao", secrets: ["herring", null] });
  await wrangler.run(["rollback", "--message", "ciao was too short", "-y"]);
  expect(await ask(cloud)).toMatchObject({ greeting: "hola", secrets: ["herring", null] });
  const deployments = await wrangler.run(["deployments", "list"]);
  // Four deploys, one of a version, three changes of secrets, and this one.
  expect(deployments.match(/^Created: {5}/gm)).toHaveLength(9);
  expect(deployments).toContain("ciao was too short");

  wrangler.note("A custom domain beside the route, which wrangler leaves, and no cron trigger");
  const custom = { pattern: "polly.example.com", custom_domain: true };
  await configure({ migrations, routes: [custom], triggers: { crons: [] } });
  expect(await wrangler.run(["deploy"])).toContain("polly.example.com (custom domain)");
  const answer = await cloud.fetchHost("polly.example.com");
  expect(await answer.json()).toMatchObject({ url: "https://polly.example.com/" });
  expect((await cloud.fetchHost("parrot.example.com")).status).toBe(200);
  const { schedules } = await cloud.client.workers.scripts.schedules.get("parrot", cloud.account);
  expect(schedules).toEqual([]);

  wrangler.note("What Cloudflare refuses, wrangler shows, and what served goes on");
  const serving = await ask(cloud);
  const code = writeCode(["Counter", "Tally"]);
  // The only kind of syntax error that gets past wrangler's own bundler.
  await wrangler.write("src/index.js", `${code}\nexport const wrong = /(/;`);
  expect(await wrangler.runFailing(["deploy"])).toMatch(/SyntaxError.*\[code: 10021\]/s);
  await wrangler.write("src/index.js", `${code}\nthrow new Error("dead");`);
  expect(await wrangler.runFailing(["deploy"])).toMatch(/dead.*\[code: 10021\]/s);
  await wrangler.write("src/index.js", writeCode(["Counter"]));
  expect(await wrangler.runFailing(["deploy"])).toMatch(/'Tally'.*\[code: 10064\]/s);
  await wrangler.write("src/index.js", code);
  const third = { tag: "v3", new_sqlite_classes: ["Missing"] };
  await configure({ migrations: [...migrations, third], routes: [custom] });
  expect(await wrangler.runFailing(["deploy"])).toMatch(/'Missing'.*\[code: 10070\]/s);
  expect(await ask(cloud)).toEqual({ ...serving, count: serving.count + 1 });

  wrangler.note("The end");
  await configure({ migrations, routes: [custom] });
  await wrangler.run(["delete", "--force"]);
  expect((await cloud.fetchWorker("parrot")).status).toBe(404);
  for (const host of ["polly.example.com", "parrot.example.com", "parrot.local.workers.dev"]) {
    expect((await cloud.fetchHost(host)).status).toBe(404);
  }
  expect(await wrangler.runFailing(["deployments", "list"])).toContain("[code: 10007]");
  await wrangler.run(["kv", "namespace", "delete", "--namespace-id", namespace, "-y"]);
  expect(JSON.parse(await wrangler.run(["kv", "namespace", "list"]))).toEqual([]);
});

test.concurrent("wrangler makes databases and buckets, and a namespace that a Worker only names", async () => {
  await using cloud = await TestCloud.start();
  await using wrangler = await Wrangler.make(cloud);
  await wrangler.write("wrangler.json", { name: "keeper" });

  wrangler.note("D1");
  const created = await wrangler.run(["d1", "create", "birds"]);
  const id = readId(created, "database_id");
  const execute = (command: string) =>
    wrangler.run(["d1", "execute", "birds", "--remote", "--json", "--command", command]);
  await execute("CREATE TABLE birds (name TEXT)");
  await execute("INSERT INTO birds VALUES ('parrot'), ('gull')");
  expect(JSON.parse(await execute("SELECT name FROM birds ORDER BY name"))).toMatchObject([
    { results: [{ name: "gull" }, { name: "parrot" }], success: true },
  ]);
  const wrong = ["d1", "execute", "birds", "--remote", "--command", "SELECT * FROM fish"];
  expect(await wrangler.runFailing(wrong)).toMatch(/no such table: fish.*\[code: 7500\]/s);
  expect(JSON.parse(await wrangler.run(["d1", "list", "--json"]))).toMatchObject([
    { uuid: id, name: "birds" },
  ]);

  wrangler.note("R2");
  await wrangler.run(["r2", "bucket", "create", "nest"]);
  expect(await wrangler.run(["r2", "bucket", "list"])).toMatch(/name: +nest/);
  expect(await wrangler.runFailing(["r2", "bucket", "create", "nest"])).toContain("[code: 10004]");

  wrangler.note("A Worker that uses them");
  await wrangler.write("wrangler.json", {
    name: "keeper",
    main: "index.js",
    compatibility_date: "2026-07-01",
    kv_namespaces: [{ binding: "CACHE" }],
    d1_databases: [{ binding: "DB", database_name: "birds", database_id: id }],
    r2_buckets: [{ binding: "NEST", bucket_name: "nest" }],
    routes: [
      { pattern: "keeper.example.com/*", zone_name: "example.com" },
      { pattern: "nest.example.com", custom_domain: true },
    ],
  });
  await wrangler.write(
    "index.js",
    `export default {
      async fetch(request, env) {
        if (request.method === "DELETE") await env.NEST.delete("egg");
        else await env.NEST.put("egg", await env.CACHE.get("colour"));
        const { results } = await env.DB.prepare("SELECT count(*) AS birds FROM birds").all();
        return Response.json(results);
      },
    };`,
  );
  await wrangler.run(["deploy"]);
  expect(await (await cloud.fetchWorker("keeper")).json()).toEqual([{ birds: 2 }]);
  const namespaces = JSON.parse(await wrangler.run(["kv", "namespace", "list"]));
  expect(namespaces).toMatchObject([{ title: "keeper-cache" }]);
  const inNamespace = ["--namespace-id", namespaces[0].id, "--remote"];
  await wrangler.write("values.json", [{ key: "colour", value: "white" }]);
  await wrangler.run(["kv", "bulk", "put", "values.json", ...inNamespace]);
  await cloud.fetchHost("nest.example.com");
  const { objects } = cloud.client.r2.buckets;
  expect((await objects.list("nest", cloud.account)).result).toMatchObject([{ size: 5 }]);
  await wrangler.write("keys.json", ["colour"]);
  await wrangler.run(["kv", "bulk", "delete", "keys.json", "--force", ...inNamespace]);
  expect(JSON.parse(await wrangler.run(["kv", "key", "list", ...inNamespace]))).toEqual([]);

  wrangler.note("Away with them");
  expect(await wrangler.runFailing(["r2", "bucket", "delete", "nest"])).toContain("[code: 10008]");
  await cloud.fetchWorker("keeper", "/", { method: "DELETE" });
  await wrangler.run(["delete", "--force"]);
  await Promise.all([
    wrangler.run(["r2", "bucket", "delete", "nest"]),
    wrangler.run(["d1", "delete", "birds", "-y"]),
  ]);
  const [buckets, databases] = await Promise.all([
    wrangler.run(["r2", "bucket", "list"]),
    wrangler.run(["d1", "list", "--json"]),
  ]);
  expect(buckets).not.toContain("nest");
  expect(JSON.parse(databases)).toEqual([]);

  const calls = cloud.local.cloud.journal.list();
  const called = await Promise.all(
    calls.map(({ method, path }) => findEndpoint(method, `${cloud.local.baseUrl}${path}`)),
  );
  expect(called).toEqual(expect.arrayContaining([...knownToWranglerOnly]));
});

test.concurrent("wrangler changes secrets of a version that does not serve yet, and is told what is not there", async () => {
  await using cloud = await TestCloud.start();
  await using wrangler = await Wrangler.make(cloud);
  wrangler.note("Secrets of a version that does not serve yet");
  await wrangler.write("wrangler.json", {
    name: "teller",
    main: "teller.js",
    compatibility_date: "2026-07-01",
    version_metadata: { binding: "VERSION" },
  });
  await wrangler.write(
    "teller.js",
    "export default { fetch: (_, { VERSION, KEY }) => Response.json({ VERSION, KEY }) };",
  );
  const deployed = readId(await wrangler.run(["deploy", "--tag", "tagged"]), "Current Version ID");
  const served = async () => (await cloud.fetchWorker("teller")).json();
  const version = { id: deployed, tag: "tagged", timestamp: expect.stringMatching(/^\d{4}-.*Z$/) };
  expect(await served()).toEqual({ VERSION: version });
  await wrangler.run(["versions", "secret", "put", "KEY"], { input: "swordfish" });
  const bulk = { input: '{"KEY":"herring","OTHER":"shrubbery"}' };
  await wrangler.run(["versions", "secret", "bulk"], bulk);
  await wrangler.run(["versions", "secret", "delete", "OTHER"]);
  expect(await served()).toEqual({ VERSION: version });
  const [newest] = JSON.parse(await wrangler.run(["versions", "list", "--json"])).toSorted(
    (one: { number: number }, other: { number: number }) => other.number - one.number,
  );
  await wrangler.run(["versions", "deploy", `${newest.id}@100%`, "-y"]);
  expect(await served()).toMatchObject({ VERSION: { id: newest.id }, KEY: "herring" });

  wrangler.note("What is not there says so");
  const refused = await Promise.all(
    [
      ["queues", "list"],
      ["tail", "teller"],
      ["r2", "bucket", "notification", "list", "nest"],
      ["r2", "object", "get", "nest/egg", "--remote", "--pipe"],
      ["d1", "insights"],
    ].map((command) => wrangler.runFailing(command)),
  );
  for (const [index, product] of [
    "Queues",
    "live logs",
    "event notifications of R2 buckets",
    "R2 objects over the API",
    "analytics",
  ].entries()) {
    expect(refused[index]).toContain(`the local cloud does not have ${product}`);
    expect(refused[index]).toContain("docs/local-cloud.md");
  }

  const calls = cloud.local.cloud.journal.list();
  const called = await Promise.all(
    calls.map(({ method, path }) => findEndpoint(method, `${cloud.local.baseUrl}${path}`)),
  );
  expect(called).toContain(patchOfLatestVersion);
});

/** Commands that the local cloud answers, or that ask no account for anything. */
const served = [
  ...["docs", "complete", "auth", "login", "logout", "whoami", "delete", "deploy", "deployments"],
  ...["dev", "init", "rollback", "secret", "setup", "triggers", "types", "versions", "build"],
  ...["check", "telemetry", "metrics", "hello-world", "kv", "d1 create", "d1 delete"],
  ...["d1 execute", "d1 info", "d1 list", "d1 migrations", "r2 object delete"],
  ...["create", "delete", "info", "list", "update"].map((name) => `r2 bucket ${name}`),
];

test("every command that wrangler has is served, or is in the list of what is not there", async () => {
  const absent = absentProducts.flatMap(([, , commands]) => commands);
  const commands = await listCommands();
  expect(commands.length).toBeGreaterThan(200);
  const covers = (listed: string) => (command: string) => `${command} `.startsWith(`${listed} `);
  const lists = [...served, ...absent];
  const covered = commands.map((command) => [
    command,
    lists.filter((listed) => covers(listed)(command)).length,
  ]);
  expect(covered).toEqual(commands.map((command) => [command, 1]));
  const gone = lists.filter((listed) => !commands.some(covers(listed)));
  // What a flag asks for is not a command.
  expect(gone).toEqual(["deploy --assets"]);
});

test.concurrent("wrangler with a token that lacks a permission changes nothing and says what failed", async () => {
  await using cloud = await TestCloud.start();
  const token = await cloud.createToken(["Workers Scripts Read", "Account Settings Read"]);
  await using wrangler = await Wrangler.make(cloud, token);
  await wrangler.write("wrangler.json", {
    name: "sneak",
    main: "index.js",
    compatibility_date: "2026-07-01",
  });
  await wrangler.write("index.js", "export default { fetch: () => new Response('hi') };");
  expect(await wrangler.runFailing(["deploy"])).toContain("[code: 10000]");
  expect((await cloud.client.workers.scripts.list(cloud.account)).result).toEqual([]);
});
