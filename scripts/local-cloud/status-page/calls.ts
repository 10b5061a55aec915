import { html } from "hono/html";
import { count } from "../../terminal/format.ts";
import type { Cloud } from "../cloud.ts";
import type { JournalEntry } from "../journal.ts";
import { filterOf, toAddress, type View } from "./address.ts";
import { type Html, layOut, toClock } from "./words.ts";

/** Calls that are listed unless all are asked for. */
const shownCalls = 30;

const methods = ["GET", "POST", "PUT", "PATCH", "DELETE"];

/** The remembered calls that the view asks for, and the bodies of one of them. */
export function renderCalls(cloud: Cloud, view: View): Html {
  const { token, find, method, outcome, all } = view;
  const found = cloud.journal
    .list()
    .filter(
      (entry) =>
        entry.path.toLowerCase().includes(find.toLowerCase()) &&
        (method === "" || entry.method === method) &&
        (outcome !== "failed" || hasFailed(entry)),
    );
  const shown = all ? found : found.slice(0, shownCalls);
  const option = (value: string, words: string, chosen: string) =>
    html`<option value="${value}"${value === chosen ? html` selected` : ""}>${words}</option>`;
  return html`<form class="bar" action="/#calls">
${token === undefined ? "" : html`<input type="hidden" name="token" value="${token}">`}
<label class="most">Path <input name="find" value="${find}" placeholder="scripts"></label>
<label>Method <select name="method">${option("", "any", method)}${methods.map((each) => option(each, each, method))}</select></label>
<label>Outcome <select name="outcome">${option("", "any", outcome)}${option("failed", "failed", outcome)}</select></label>
<button type="submit" class="quiet">Filter</button>
</form>
<ol class="calls">${shown.map((entry) => renderCall(entry, view))}</ol>
${
  found.length === 0
    ? html`<p class="soft">No such call yet.</p>`
    : shown.length < found.length
      ? html`<p><a href="${toAddress(view, { ...filterOf(view), all: true }, "calls")}">Show all ${count(found.length, "call")}</a></p>`
      : ""
}`;
}

function renderCall(entry: JournalEntry, view: View): Html {
  const { number, time, method, path, status, milliseconds, body, answer } = entry;
  const isOpen = view.call === String(number);
  const anchor = `call-${number}`;
  const wanted = { ...filterOf(view), ...(!isOpen && { call: String(number) }) };
  const words = status === 0 ? "dropped" : status;
  return html`<li id="${anchor}">
<time datetime="${time}">${toClock(time)}</time>
<a href="${toAddress(view, wanted, anchor)}"><code>${method} ${shorten(path)}</code></a>
<span class="${hasFailed(entry) ? "failed" : "soft"}">${words}</span>
<span class="soft">${milliseconds} ms</span>
${
  isOpen
    ? html`<div><p><code>${path}</code></p>
<h3>Sent</h3><pre tabindex="0">${layOut(body) || "(nothing)"}</pre>
<h3>Answered</h3><pre tabindex="0">${layOut(answer) || "(nothing)"}</pre></div>`
    : ""
}</li>`;
}

/** Whether something went wrong. To ask for what is not there is how deployments begin: no failure. */
export function hasFailed({ method, status }: Pick<JournalEntry, "method" | "status">): boolean {
  const isProbe = method === "GET" && status === 404;
  return status === 0 || (status >= 400 && !isProbe);
}

/** Ids are long and seldom what one looks for. */
function shorten(path: string): string {
  return path.replace(/[0-9a-f]{32}/g, (id) => `${id.slice(0, 4)}…`);
}
