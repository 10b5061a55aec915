import { expect, test } from "vitest";
import { Deployment } from "../support/deployment.ts";
import { TestCloud } from "../support/local-cloud.ts";

test("no key stands in clear in the state, in what is printed, or in what the cloud shows", async ({
  skip,
}) => {
  await using deployment = await Deployment.make(skip);
  await deployment.up();
  deployment.changeCode("changed");
  await deployment.up();
  const { cloud, port, statusPage, token } = deployment.local;
  const headers = { authorization: `Bearer ${token}` };
  const [script] = cloud.records.scripts.list();
  const version = script && cloud.servingVersion(script);
  const secrets = (version?.bindings ?? [])
    .filter(({ type }) => type === "secret_text")
    .flatMap(({ text }) => splitKeys(String(text)));
  expect(secrets.length).toBeGreaterThanOrEqual(3);
  const shown = {
    state: await deployment.readState(),
    output: deployment.output,
    page: await (await fetch(statusPage)).text(),
    calls: await (await fetch(`http://127.0.0.1:${port}/_calls`, { headers })).text(),
  };
  for (const [where, text] of Object.entries(shown)) {
    expect(text.length, where).toBeGreaterThan(100);
    for (const secret of secrets) expect(text.includes(secret), where).toBe(false);
  }
});

test("no secret that is put by itself, and no token, is in the list of calls", async () => {
  await using cloud = await TestCloud.start();
  await cloud.upload("math", { code: "export default { fetch: () => new Response() }" });
  const path = `/accounts/${cloud.account.account_id}/workers/scripts/math`;
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
