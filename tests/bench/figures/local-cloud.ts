import { projectRoot } from "../../../infra/bundle.ts";
import { localAccountId } from "../../../scripts/local-cloud/local-token.ts";
import { waitUntilReady } from "../../support/checkout.ts";
import { makeFixtureCheckout } from "../../support/fixture-checkout.ts";
import type { Figure } from "../figure.ts";
import { quantile } from "../numbers.ts";
import { measureMemory } from "../process-use.ts";

const uploads = 10;
const kvCalls = 400;
const callers = 8;
const scripts = 50;

/** What somebody waits for who deploys to the local cloud. */
export const localCloud: Figure = {
  name: "cloud",
  title: "npm run cloud",
  metrics: {
    upload: { label: "an upload to its first answer", unit: "ms" },
    kv: { label: "KV calls a second, half of them writes", unit: "a second", isMoreBetter: true },
    memory: { label: `memory with ${scripts + 1} Workers`, unit: "MB" },
  },
  mostRounds: 1,
  plan: ({ root, login }) => (root !== projectRoot || login !== "pages" ? [] : [() => measure()]),
};

async function measure() {
  await using checkout = await makeFixtureCheckout();
  await using cloud = checkout.startCloud();
  const address = await waitUntilReady(cloud);
  const account = `${address}/client/v4/accounts/${localAccountId}`;
  const headers = { authorization: `Bearer ${await checkout.readCloudToken()}` };

  async function upload(name: string, text: string): Promise<void> {
    const form = new FormData();
    form.set("metadata", JSON.stringify({ main_module: "a.js", compatibility_date: "2026-07-01" }));
    const code = `export default { fetch: () => new Response("${text}") }`;
    form.set("a.js", new Blob([code], { type: "application/javascript+module" }), "a.js");
    const url = `${account}/workers/scripts/${name}`;
    const answer = await fetch(url, { method: "PUT", body: form, headers });
    if (!answer.ok) throw new Error(await answer.text());
  }

  await upload("first", "0");
  const ports = (await (await fetch(`${address}/_ports`, { headers })).json()) as {
    readonly port: number;
  }[];
  const worker = `http://localhost:${ports[0]?.port}/`;
  const times: number[] = [];
  for (let round = 1; round <= uploads; round += 1) {
    const begun = performance.now();
    await upload("first", `${round}`);
    const text = await (await fetch(worker)).text();
    if (text !== `${round}`) throw new Error(`${text} serves, not ${round}.`);
    times.push(performance.now() - begun);
  }

  const made = await fetch(`${account}/storage/kv/namespaces`, {
    method: "POST",
    headers,
    body: JSON.stringify({ title: "bench" }),
  });
  const { result } = (await made.json()) as { readonly result: { readonly id: string } };
  const values = `${account}/storage/kv/namespaces/${result.id}/values`;
  await fetch(`${values}/warm`, { method: "PUT", headers, body: "x" });
  const begun = performance.now();
  const work = async (caller: number) => {
    for (let call = 0; call < kvCalls / callers; call += 1) {
      const answer = await fetch(`${values}/key-${caller}`, {
        headers,
        ...(call % 2 === 0 && { method: "PUT", body: `${call}` }),
      });
      if (!answer.ok) throw new Error(await answer.text());
      await answer.arrayBuffer();
    }
  };
  await Promise.all(Array.from({ length: callers }, (_, caller) => work(caller)));
  const kv = kvCalls / ((performance.now() - begun) / 1000);

  for (let script = 1; script <= scripts; script += 1)
    await upload(`script-${script}`, `${script}`);
  await fetch(worker);
  return { upload: quantile(times, 0.5), kv, memory: await measureMemory(cloud.pid) };
}
