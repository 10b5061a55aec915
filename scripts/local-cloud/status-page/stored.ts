import { html } from "hono/html";
import type { Cloud } from "../cloud.ts";
import type { Account, Zone } from "../records.ts";
import type { View } from "./address.ts";
import { renderNamespace } from "./kv.ts";
import type { Html } from "./words.ts";

/** The part of an account that is not Workers: KV namespaces, databases, buckets, zones. */
export async function renderStored(cloud: Cloud, account: Account, view: View): Promise<Html> {
  const isOwn = (each: { readonly account: string }) => each.account === account.id;
  const { records } = cloud;
  const namespaces = await Promise.all(
    records.namespaces.list(isOwn).map((namespace) => renderNamespace(cloud, namespace, view)),
  );
  const databases = records.databases.list(isOwn);
  const buckets = records.buckets.list(isOwn);
  const zones = records.zones.list(isOwn);
  const kinds = [
    ["KV namespaces", namespaces],
    [
      "D1 databases",
      databases.map(({ name, uuid }) => html`<li>${name} <code>${uuid}</code></li>`),
    ],
    ["R2 buckets", buckets.map(({ name }) => html`<li>${name}</li>`)],
    ["Zones", zones.map((zone) => renderZone(cloud, zone))],
  ] as const;
  const filled = kinds.filter(([, items]) => items.length > 0);
  if (filled.length === 0) return html`<p class="soft">Nothing yet.</p>`;
  return html`${filled.map(([name, items]) => html`<h3>${name}</h3><ul class="plain">${items}</ul>`)}`;
}

function renderZone({ records }: Cloud, { id, name }: Zone): Html {
  const routes = records.routes.list(({ zone }) => zone === id);
  const lines = routes.map(
    ({ pattern, script }) =>
      html`<li><code>${pattern}</code> leads to ${script ?? "no Worker"}</li>`,
  );
  return html`<li>${name} <code>${id}</code>${lines.length > 0 ? html`<ul>${lines}</ul>` : ""}</li>`;
}
