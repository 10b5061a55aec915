import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { Output } from "../../support/program.ts";
import { makeTempFolder } from "../../support/temp-folder.ts";
import { LoopbackApi, succeed } from "../../traffic/loopback-api.ts";
import { accountId, others, scriptName, tokens } from "../../traffic/recorded-stack.ts";
import { installPlugin } from "./install.ts";
import { grpc, ProviderClient, provider as proto, struct } from "./proto.ts";
import type { Values } from "./values.ts";

/** Starts a plugin as the engine does, in a folder and with a home of its own, and configures it. */
async function startPlugin(baseUrl: string, apiToken: string) {
  const folder = await makeTempFolder();
  onTestFinished(() => folder[Symbol.asyncDispose]());
  const home = join(folder.path, "home");
  await mkdir(home);
  await installPlugin(folder.path);
  const child = spawn(join(folder.path, "pulumi-resource-cloudflare"), ["127.0.0.1:1"], {
    cwd: folder.path,
    env: {
      PATH: process.env.PATH,
      PULUMI_HOME: home,
      CLOUDFLARE_BASE_URL: baseUrl,
      CLOUDFLARE_API_TOKEN: apiToken,
    },
    stdio: ["pipe", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  const port = Number((await new Output(child.stdout).waitFor(/^(\d+)\n/))[1]);
  const client = new ProviderClient(`127.0.0.1:${port}`, grpc.credentials.createInsecure());
  onTestFinished(() => client.close());
  const create = (type: string, values: Values) => {
    const request = new proto.CreateRequest()
      .setUrn(`urn:pulumi:dev::example::${type}::it`)
      .setProperties(struct.Struct.fromJavaScript(values));
    return new Promise((resolve, reject) => {
      client.create(request, (error, answer) => (error === null ? resolve(answer) : reject(error)));
    });
  };
  await new Promise<void>((resolve, reject) => {
    client.configure(new proto.ConfigureRequest(), (error) =>
      error === null ? resolve() : reject(error),
    );
  });
  return { child, create, folder: folder.path, home, port };
}

/** Whether somebody listens. */
async function isServed(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

test("plugins of one process have an API, a token and a folder of their own", async () => {
  const names = ["one", "two"];
  const seen = await Promise.all(
    names.map(async (name) => {
      const api = await LoopbackApi.start(() => succeed({ id: "it" }));
      onTestFinished(() => api[Symbol.asyncDispose]());
      const plugin = await startPlugin(api.baseUrl, `token-${name}`);
      await writeFile(join(plugin.folder, "index.js"), `export default "${name}";`);
      return { api, plugin };
    }),
  );
  for (const { plugin } of seen.toReversed()) {
    await plugin.create(tokens.script, { accountId, scriptName, contentFile: "index.js" });
  }
  for (const [index, { api }] of seen.entries()) {
    expect(api.received).toMatchObject([
      { headers: { authorization: `Bearer token-${names[index]}` } },
    ]);
    expect(api.received[0]?.body).toContain(`export default "${names[index]}";`);
  }
});

test("a plugin's calls end with it, and no other's", async () => {
  const asked: string[] = [];
  const cut = new Set<string>();
  const replies: (() => void)[] = [];
  const server = createServer(({ headers: { authorization = "" } }, response) => {
    asked.push(authorization);
    response.on("close", () => response.writableEnded || cut.add(authorization));
    replies.push(() => response.end(JSON.stringify({ success: true, result: { id: "it" } })));
  }).listen(0, "127.0.0.1");
  onTestFinished(() => void server.close());
  await once(server, "listening");
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const [first, second] = await Promise.all([
    startPlugin(baseUrl, "first"),
    startPlugin(baseUrl, "second"),
  ]);
  const lost = first.create(tokens.namespace, others.namespace).catch(String);
  const kept = second.create(tokens.namespace, others.namespace);
  await expect.poll(() => asked.toSorted()).toEqual(["Bearer first", "Bearer second"]);

  // As the engine ends its plugins.
  first.child.kill("SIGINT");
  await once(first.child, "exit");
  await expect.poll(() => [...cut]).toEqual(["Bearer first"]);
  expect(await lost).toContain("CANCELLED");
  await expect.poll(() => isServed(first.port)).toBe(false);
  for (const reply of replies) reply();
  await kept;
  expect(asked).toHaveLength(2);
});

test("a plugin whose engine was killed lives on, and ends with its home", async () => {
  await using api = await LoopbackApi.start(() => succeed({ id: "it" }));
  const plugin = await startPlugin(api.baseUrl, "token");
  plugin.child.stdin.end();
  await plugin.create(tokens.namespace, others.namespace);
  expect(plugin.child.exitCode).toBeNull();
  await rm(plugin.home, { recursive: true });
  await once(plugin.child, "exit");
  await expect.poll(() => isServed(plugin.port)).toBe(false);
});
