import { html } from "hono/html";
import type { Cloud } from "./cloud.ts";
import type { Account, Binding, Script } from "./records.ts";
import { hideSecret } from "./upload.ts";

const style = `
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif; }
body { max-width: 72rem; margin: 2rem auto; padding: 0 1rem; }
h2 { margin-top: 2.5rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .35rem .75rem .35rem 0; border-bottom: 1px solid #8884; vertical-align: top; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; margin: .25rem 0; font-size: 13px; }
code { font-size: 13px; overflow-wrap: anywhere; color: #777; }
summary code { color: inherit; }
.failed { color: #c33; }
p { color: #777; }
`;

/** What the cloud holds, and the last API calls. No secret stands here. */
export function renderStatusPage(cloud: Cloud) {
  const { records } = cloud;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Local cloud</title>
<style>${style}</style>
</head>
<body>
<h1>Local cloud</h1>
<p>A Cloudflare account on this machine, on the ${cloud.plan.name} plan.</p>
${records.accounts.list().map((account) => renderAccount(cloud, account))}
${renderCalls(cloud)}
</body>
</html>`;
}

function renderAccount(cloud: Cloud, account: Account) {
  const { records } = cloud;
  const scripts = records.scripts.list((each) => each.account === account.id);
  const namespaces = records.namespaces.list((each) => each.account === account.id);
  const zones = records.zones.list((each) => each.account === account.id);
  const domains = records.domains.list((each) => each.account === account.id);
  return html`<h2>Account ${account.name}</h2>
<p><code>${account.id}</code></p>
<h3>Workers</h3>
<table>
<tr><th>Name</th><th>Address</th><th>Versions</th><th>Bindings</th><th>Durable Objects</th><th>Cron</th></tr>
${scripts.map((script) => renderScript(cloud, script))}
</table>
${scripts.length === 0 ? html`<p>None yet.</p>` : ""}
<h3>KV namespaces</h3>
<ul>${namespaces.map(({ id, title }) => html`<li>${title} <code>${id}</code></li>`)}</ul>
${renderStored(cloud, account)}
<h3>Zones, routes and custom domains</h3>
<ul>
${zones.map(
  ({ id, name }) => html`<li>${name} <code>${id}</code>
<ul>${records.routes
    .list((route) => route.zone === id)
    .map(
      ({ pattern, script }) => html`<li><code>${pattern}</code> to ${script ?? "no Worker"}</li>`,
    )}</ul></li>`,
)}
${domains.map(({ hostname, service }) => html`<li><code>${hostname}</code> is ${service}</li>`)}
</ul>`;
}

function renderStored({ records }: Cloud, account: Account) {
  const databases = records.databases.list((each) => each.account === account.id);
  const buckets = records.buckets.list((each) => each.account === account.id);
  if (databases.length + buckets.length === 0) return "";
  return html`<h3>D1 databases and R2 buckets</h3>
<ul>
${databases.map(({ name, uuid }) => html`<li>${name} <code>${uuid}</code></li>`)}
${buckets.map(({ name }) => html`<li>${name}</li>`)}
</ul>`;
}

function renderScript(cloud: Cloud, script: Script) {
  const serving = cloud.servingVersion(script);
  const address = `http://localhost:${script.port}/`;
  return html`<tr>
<td>${script.name}</td>
<td><a href="${address}">${address}</a></td>
<td>${cloud
    .listVersions(script)
    .slice(0, 5)
    .map(
      ({ id, number, createdOn, source }) =>
        html`<div>${number} by ${source} at ${createdOn.slice(11, 19)}${id === serving?.id ? ", serving" : ""}</div>`,
    )}</td>
<td>${(serving?.bindings ?? []).map(
    (binding) => html`<div>${binding.name} <code>${describeBinding(binding)}</code></div>`,
  )}</td>
<td>${Object.keys(script.classes).map((name) => html`<div>${name}</div>`)}${script.migrationTag ?? ""}</td>
<td>${script.schedules.map(({ cron }) => html`<div><code>${cron}</code></div>`)}</td>
</tr>`;
}

/** Its type and where it leads, without secrets. */
function describeBinding(binding: Binding): string {
  const { name: _name, type, ...rest } = hideSecret(binding);
  const values = Object.values(rest).map((value) =>
    typeof value === "string" ? value : JSON.stringify(value),
  );
  return [type, ...values].join(" ");
}

function renderCalls(cloud: Cloud) {
  return html`<h2>Last API calls</h2>
<table>
<tr><th>Time</th><th>Call</th><th>Status</th><th>ms</th></tr>
${cloud.journal.list().map(
  (entry) => html`<tr>
<td>${entry.time.slice(11, 23)}</td>
<td><details><summary><code>${entry.method} ${entry.path}</code></summary>
<pre>${entry.body}</pre><pre>${entry.answer}</pre></details></td>
<td class="${entry.status >= 400 ? "failed" : ""}">${entry.status === 0 ? "dropped" : entry.status}</td>
<td>${entry.milliseconds}</td>
</tr>`,
)}
</table>`;
}
