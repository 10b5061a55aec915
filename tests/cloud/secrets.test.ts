import { relative } from "node:path";
import { expect, test } from "vitest";
import { findWorkerd } from "../load/support/memory.ts";
import { type Canaries, findCanaries, listForms } from "../support/canaries.ts";
import { Deployment } from "../support/deployment.ts";
import { keepFigures } from "../support/keep-figures.ts";
import { TestCloud } from "../support/local-cloud.ts";
import { postMessage } from "../support/mcp-by-hand.ts";
import { findInFiles } from "../support/stored-bytes.ts";
import { liveWholeLife } from "../support/whole-life.ts";

test("no secret of a deployment's whole life stands in clear: not in its state, output, log, data or list of calls, nor after a crash", async ({
  skip,
}) => {
  const log: string[] = [];
  const demoPassword = "the-demo-password-of-a-whole-life";
  const probeSecret = "the-probe-secret-of-a-whole-life-0123456789";
  await using deployment = await Deployment.make(skip, {
    cloud: { onLine: (line) => log.push(line) },
    config: {
      "remote-mcp-server:demoPassword": { value: demoPassword, secret: true },
      "remote-mcp-server:probeSecret": { value: probeSecret, secret: true },
      "remote-mcp-server:personalTokens": { value: "30" },
    },
  });
  await deployment.configureMachine("nightly", "demo:use", [1]);
  await deployment.up();
  const machineSecret = await deployment.machineSecret("nightly");
  const machineToken = await getMachineToken(await deployment.origin(), machineSecret);
  const { canaries, clientId } = await liveWholeLife(await deployment.origin(), demoPassword);
  deployment.changeCode("changed");
  await deployment.up();
  const { cloud, port, statusPage, token } = deployment.local;
  const headers = { authorization: `Bearer ${token}` };
  const [script] = cloud.records.scripts.list();
  const version = script && cloud.servingVersion(script);
  const keys = (version?.bindings ?? [])
    .filter(({ type }) => type === "secret_text")
    .flatMap(({ name, text }) =>
      splitKeys(String(text)).map((key, index) => [`${name} ${index}`, key]),
    );
  expect(keys.length).toBeGreaterThanOrEqual(3);
  const deployed: Canaries = {
    ...Object.fromEntries(keys),
    demoPassword,
    probeSecret,
    machineSecret,
    machineToken,
  };
  // One that serves: the second deployment starts another when it is asked.
  await fetch(await deployment.origin());
  // It leaves what it was writing.
  for (const pid of await findWorkerd()) process.kill(pid, "SIGKILL");
  const shown = {
    state: await deployment.readState(),
    output: deployment.output,
    log: log.join("\n"),
    page: await (await fetch(statusPage)).text(),
    calls: await (await fetch(`http://127.0.0.1:${port}/_calls`, { headers })).text(),
  };
  for (const [where, text] of Object.entries(shown)) {
    expect(text.length, where).toBeGreaterThan(100);
    expect(findCanaries(text, { ...canaries, ...deployed }), where).toEqual([]);
  }
  const { directory } = deployment.test;
  // What is kept is found where it is kept.
  const kept = await findInFiles(directory, [clientId]);
  expect(kept.filter((file) => !isRecordOfAccount(directory, file))).not.toEqual([]);
  for (const [what, secret] of Object.entries({ ...canaries, ...deployed })) {
    const found = await findInFiles(directory, listForms(secret));
    // The account itself must know what it gives its Workers; what it keeps of people is elsewhere.
    const isOfAccount = what in deployed || secret === demoPassword;
    const others = found.filter((file) => !isOfAccount || !isRecordOfAccount(directory, file));
    expect(others, what).toEqual([]);
  }
  await keepFigures("canaries", {
    canaries: Object.keys({ ...canaries, ...deployed }).length,
    places: Object.keys(shown).length + 1,
  });
});

/** A token of the machine client, which a call was made with. */
async function getMachineToken(origin: string, secret: string): Promise<string> {
  const asked = await fetch(`${origin}/token`, {
    method: "POST",
    headers: { authorization: `Basic ${Buffer.from(`nightly:${secret}`).toString("base64")}` },
    body: new URLSearchParams({ grant_type: "client_credentials" }),
  });
  const { access_token: token = "" } = (await asked.json()) as { readonly access_token?: string };
  expect((await postMessage(`${origin}/mcp`, token)).status).toBe(200);
  return token;
}

test("no secret that is put by itself, and no token, is in the list of calls", async () => {
  await using cloud = await TestCloud.start();
  await cloud.upload("example", { code: "export default { fetch: () => new Response() }" });
  const path = `/accounts/${cloud.account.account_id}/workers/scripts/example`;
  const put = (name: string, text: string, body: object, method = "PUT") =>
    cloud.fetchApi(`${path}/${name}`, { method, body: JSON.stringify(body) }).then(() => text);
  const made = await cloud.createToken(["Workers Scripts Read"]);
  const [token] = cloud.local.cloud.records.tokens.list(({ name }) => name.startsWith("Workers"));
  const rolled = await cloud.fetchApi(`/user/tokens/${token?.id}/value`, {
    method: "PUT",
    body: "{}",
  });
  const { result } = (await rolled.json()) as { readonly result: string };
  const secrets = [
    cloud.local.token,
    made,
    result,
    await put("secrets", "canary-one", { name: "ONE", text: "canary-one" }),
    await put(
      "secrets-bulk",
      "canary-two",
      { secrets: { TWO: { name: "TWO", text: "canary-two" } } },
      "PATCH",
    ),
  ];
  const origin = `http://127.0.0.1:${cloud.local.port}`;
  const headers = { authorization: `Bearer ${cloud.local.token}` };
  const shown = await Promise.all(
    ["/", "/_calls"].map(async (page) => (await fetch(`${origin}${page}`, { headers })).text()),
  );
  expect(shown.join("")).toContain("secrets-bulk");
  for (const secret of secrets) expect(shown.join("")).not.toContain(secret);
});

/** A binding may hold several keys. */
function splitKeys(text: string): string[] {
  return text.split(/[^A-Za-z0-9+/_=-]+/).filter((part) => part.length >= 32);
}

/** Whether a file is one of the account's own, and none of a namespace or an object. */
function isRecordOfAccount(directory: string, file: string): boolean {
  return !relative(directory, file).startsWith("data");
}
