/** The second part of `npm run bench`: the local cloud in a process of its own. */
import { localAccountId } from "../../scripts/local-cloud/local-credentials.ts";
import { waitUntilReady } from "../support/checkout.ts";
import { makeFixtureCheckout } from "../support/fixture-checkout.ts";
import { measureMemory, report } from "./figures.ts";

const rounds = 20;
const calls = 400;
const callers = 8;
const scripts = 50;

await using checkout = await makeFixtureCheckout();
await using cloud = checkout.startCloud();
const origin = await waitUntilReady(cloud);
const account = `${origin}/client/v4/accounts/${localAccountId}`;
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
const ports = (await (await fetch(`${origin}/_ports`, { headers })).json()) as {
  readonly port: number;
}[];
const worker = `http://localhost:${ports[0]?.port}/`;
const uploads: number[] = [];
for (let round = 1; round <= rounds; round += 1) {
  const started = performance.now();
  await upload("first", `${round}`);
  const text = await (await fetch(worker)).text();
  if (text !== `${round}`) throw new Error(`${text} serves, not ${round}.`);
  uploads.push(performance.now() - started);
}
report("upload to new answer, nothing in flight", uploads, "ms");

const made = await fetch(`${account}/storage/kv/namespaces`, {
  method: "POST",
  headers,
  body: JSON.stringify({ title: "bench" }),
});
const { result } = (await made.json()) as { readonly result: { readonly id: string } };
const values = `${account}/storage/kv/namespaces/${result.id}/values`;
await fetch(`${values}/warm`, { method: "PUT", headers, body: "x" });
const rates: number[] = [];
for (let round = 0; round < 3; round += 1) {
  const started = performance.now();
  const work = async (caller: number) => {
    for (let call = 0; call < calls / callers; call += 1) {
      const isWrite = call % 2 === 0;
      const answer = await fetch(`${values}/key-${caller}`, {
        headers,
        ...(isWrite && { method: "PUT", body: `${call}` }),
      });
      if (!answer.ok) throw new Error(await answer.text());
      await answer.arrayBuffer();
    }
  };
  await Promise.all(Array.from({ length: callers }, (_, caller) => work(caller)));
  rates.push(calls / ((performance.now() - started) / 1000));
}
report("KV calls a second, half of them writes", rates, "a second");

for (let script = 1; script <= scripts; script += 1) {
  await upload(`script-${script}`, `${script}`);
  if (script % 10 !== 0) continue;
  await fetch(worker);
  report(`memory with ${script + 1} Workers`, [await measureMemory(cloud.pid)], "MB");
}
