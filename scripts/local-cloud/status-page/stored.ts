import { html } from "hono/html";
import type { Cloud } from "../cloud.ts";
import type { Account, KvNamespace, Zone } from "../records.ts";
import { redact } from "../redact.ts";
import { toAddress, type View } from "./address.ts";
import { type Html, toClock } from "./words.ts";

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

/** Keys on one page. */
const pageSize = 50;

/** Characters of a value that are shown. */
const shownLength = 4000;

/** A namespace by its title; its keys and a value, when the view asks for them. */
async function renderNamespace(
  cloud: Cloud,
  { id, title }: KvNamespace,
  view: View,
): Promise<Html> {
  const isOpen = view.kv === id;
  const anchor = `kv-${id}`;
  const address = toAddress(view, isOpen ? {} : { kv: id }, anchor);
  return html`<li id="${anchor}"><a href="${address}">${title}</a> <code>${id}</code>
${isOpen ? await renderKeys(cloud, id, view) : ""}</li>`;
}

async function renderKeys(cloud: Cloud, kv: string, view: View): Promise<Html> {
  const { prefix, cursor, key, token } = view;
  const anchor = `kv-${kv}`;
  const list = await cloud.storage.listKeys(kv, {
    prefix,
    limit: pageSize,
    ...(cursor !== undefined && { cursor }),
  });
  const more = list.list_complete ? undefined : list.cursor;
  return html`<form class="bar" action="/#${anchor}">
${token === undefined ? "" : html`<input type="hidden" name="token" value="${token}">`}
<input type="hidden" name="kv" value="${kv}">
<label>Keys that begin with <input name="prefix" value="${prefix}"></label>
<button type="submit" class="quiet">List</button>
</form>
${key === undefined ? "" : await renderValue(cloud, kv, key)}
<ul class="plain">${list.keys.map(
    ({ name, expiration }) =>
      html`<li><a href="${toAddress(view, { kv, prefix, cursor, key: name }, anchor)}"><code>${name}</code></a>${
        expiration === undefined
          ? ""
          : html` <span class="small">until ${toClock(new Date(expiration * 1000).toISOString())}</span>`
      }</li>`,
  )}</ul>
${list.keys.length === 0 ? html`<p class="soft">No such keys.</p>` : ""}
${more === undefined ? "" : html`<p><a href="${toAddress(view, { kv, prefix, cursor: more }, anchor)}">More keys</a></p>`}`;
}

async function renderValue(cloud: Cloud, kv: string, key: string): Promise<Html> {
  const found = await cloud.storage.getValue(kv, key);
  if (found === undefined) return html`<p class="soft">The key ${key} is gone.</p>`;
  const { value, metadata } = found;
  return html`<figure>
<figcaption><code>${key}</code>, ${value.byteLength} bytes</figcaption>
<pre tabindex="0">${describe(value)}</pre>
${metadata === null ? "" : html`<pre tabindex="0">metadata: ${JSON.stringify(redact(metadata), null, 2)}</pre>`}
</figure>`;
}

/** Text as it is, JSON without what its names call a secret; of anything else nothing. */
function describe(value: Uint8Array): string {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(value);
  } catch {
    return "(no text)";
  }
  try {
    text = JSON.stringify(redact(JSON.parse(text)), null, 2);
  } catch {
    // No JSON: as it is.
  }
  return text.length > shownLength ? `${text.slice(0, shownLength)} …` : text;
}
