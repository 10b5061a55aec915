import { html } from "hono/html";
import * as z from "zod";
import { count } from "../../terminal/format.ts";
import type { Cloud } from "../cloud.ts";
import type { Account, Binding, Script } from "../records.ts";
import { listObjectIds } from "../resources/durable-objects.ts";
import { hideSecret } from "../upload.ts";
import { toAddress, type View } from "./address.ts";
import { type Html, toClock, toKind, toMaker } from "./words.ts";

const limitSchema = z.object({ limit: z.number(), period: z.number() });

/** Versions of a Worker that are listed. */
const shownVersions = 10;

/** The Workers of an account: where each answers, what it is made of, and what it keeps. */
export async function renderWorkers(cloud: Cloud, account: Account, view: View): Promise<Html> {
  const scripts = cloud.records.scripts.list((each) => each.account === account.id);
  if (scripts.length === 0) {
    return html`<p class="soft">None yet. Deploy one: <code>npx pulumi up -s local</code></p>`;
  }
  const rendered = await Promise.all(scripts.map((script) => renderWorker(cloud, script, view)));
  return html`${rendered}`;
}

async function renderWorker(cloud: Cloud, script: Script, view: View): Promise<Html> {
  const serving = cloud.servingVersion(script);
  const versions = cloud.listVersions(script);
  const address = `http://localhost:${script.port}/`;
  const classes = await Promise.all(
    Object.entries(script.classes).map(async ([name, { namespaceId }]) => ({
      name,
      objects: (await listObjectIds(cloud, namespaceId)).length,
    })),
  );
  const row = (name: string, items: readonly Html[]) =>
    items.length === 0 ? "" : html`<dt>${name}</dt><dd><ul class="chips">${items}</ul></dd>`;
  return html`<article>
<h3>${script.name}</h3>
<p>${
    serving === undefined
      ? html`<span class="soft">Nothing is deployed.</span>`
      : html`<a href="${address}">${address}</a>`
  }</p>
<dl>
${row("Also at", listHosts(cloud, script))}
${row(
  "Bindings",
  (serving?.bindings ?? []).map((binding) => renderBinding(binding, view)),
)}
${row(
  "Durable Objects",
  classes.map(
    ({ name, objects }) => html`<li class="chip"><b>${name}</b> ${count(objects, "object")}</li>`,
  ),
)}
${row(
  "Cron",
  script.schedules.map(({ cron }) => html`<li class="chip"><code>${cron}</code></li>`),
)}
<dt>Versions</dt>
<dd><details><summary>${count(versions.length, "version")}${
    serving === undefined ? "" : `, number ${serving.number} serves`
  }</summary>
<ul>${versions
    .slice(0, shownVersions)
    .map(
      ({ id, number, createdOn, source }) =>
        html`<li>${number}, by ${toMaker(source)}, <time datetime="${createdOn}">${toClock(createdOn)}</time>${
          id === serving?.id ? html` <span class="badge good">serves</span>` : ""
        }</li>`,
    )}</ul></details></dd>
</dl>
</article>`;
}

/** Names beside its port: they answer at the API's port, by `Host`. */
function listHosts({ records }: Cloud, { account, name }: Script): Html[] {
  const zones = records.zones.list((zone) => zone.account === account).map(({ id }) => id);
  const hosts = [
    ...records.domains
      .list((domain) => domain.account === account && domain.service === name)
      .map(({ hostname }) => hostname),
    ...records.routes
      .list(({ zone, script }) => zones.includes(zone) && script === name)
      .map(({ pattern }) => pattern),
  ];
  return hosts.map((host) => html`<li class="chip"><code>${host}</code></li>`);
}

function renderBinding(binding: Binding, view: View): Html {
  const { name, type } = binding;
  const label = html`<b>${name}</b> ${toKind(binding)}`;
  if (type === "kv_namespace" && typeof binding.namespace_id === "string") {
    const kv = binding.namespace_id;
    return html`<li class="chip"><a href="${toAddress(view, { kv }, `kv-${kv}`)}">${label}</a></li>`;
  }
  const setting = findSetting(binding);
  if (setting !== undefined) {
    return html`<li class="chip"><details><summary>${label}</summary><pre tabindex="0">${setting}</pre></details></li>`;
  }
  return html`<li class="chip">${label} ${describeTarget(binding)}</li>`;
}

/** The value of a plain setting, laid out. */
function findSetting({ type, text, json }: Binding): string | undefined {
  if (type === "plain_text") return String(text);
  return type === "json" ? JSON.stringify(json, null, 2) : undefined;
}

/** Where a binding leads, or how much it lets pass; nothing of a secret. */
function describeTarget(binding: Binding): string {
  const { class_name, service, bucket_name, simple } = hideSecret(binding);
  const target = [class_name, service, bucket_name].find((name) => typeof name === "string");
  if (target !== undefined) return String(target);
  const limit = limitSchema.safeParse(simple).data;
  return limit === undefined ? "" : `${limit.limit} in ${limit.period} s`;
}
