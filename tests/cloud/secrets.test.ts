import { expect, test } from "vitest";
import { Deployment } from "../support/deployment.ts";

test("no key stands in clear in the state, in what is printed, or in what the cloud shows", async ({
  skip,
}) => {
  await using deployment = await Deployment.make(skip);
  await deployment.up();
  deployment.changeCode("changed");
  await deployment.up();
  const { cloud, port } = deployment.local;
  const [script] = cloud.records.scripts.list();
  const version = script && cloud.servingVersion(script);
  const secrets = (version?.bindings ?? [])
    .filter(({ type }) => type === "secret_text")
    .flatMap(({ text }) => splitKeys(String(text)));
  expect(secrets.length).toBeGreaterThanOrEqual(3);
  const shown = {
    state: await deployment.readState(),
    output: deployment.output,
    page: await (await fetch(`http://127.0.0.1:${port}/`)).text(),
    calls: await (await fetch(`http://127.0.0.1:${port}/_calls`)).text(),
  };
  for (const [where, text] of Object.entries(shown)) {
    expect(text.length, where).toBeGreaterThan(100);
    for (const secret of secrets) expect(text.includes(secret), where).toBe(false);
  }
});

/** A binding may hold several keys. */
function splitKeys(text: string): string[] {
  return text.split(/[^A-Za-z0-9+/_=-]+/).filter((part) => part.length >= 32);
}
