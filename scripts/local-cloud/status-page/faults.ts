import { html } from "hono/html";
import * as z from "zod";
import type { Cloud } from "../cloud.ts";
import { type Fault, faultSchema, type Mishap } from "../faults.ts";
import { toAddress, type View } from "./address.ts";
import type { Html } from "./words.ts";

/** Faults that can be switched on here. `POST /_faults` takes all others. */
const choices = new Map<string, readonly [words: string, mishap: Mishap]>([
  ["busy", ["answers 429, try again in a second", { kind: "status", status: 429, retryAfter: 1 }]],
  ["conflict", ["answers 409", { kind: "status", status: 409 }]],
  ["failure", ["answers 500", { kind: "status", status: 500 }]],
  ["slow", ["answers 5 seconds late", { kind: "slow", milliseconds: 5000 }]],
  ["before", ["is dropped, and nothing is done", { kind: "reset", when: "before" }]],
  ["after", ["is dropped, after it was done", { kind: "reset", when: "after" }]],
  ["truncated", ["answers half", { kind: "truncated" }]],
  ["stale", ["does not know of the last change", { kind: "stale" }]],
]);

const formSchema = z.object({
  method: z.string(),
  path: z.string(),
  count: z.coerce.number(),
  choice: z.string(),
});

/** The faults that wait, and a form that switches one on. @param problem with what was sent before. */
export function renderFaults(cloud: Cloud, view: View, problem: string | undefined): Html {
  const waiting = cloud.faults.list();
  const option = (value: string, words: string) => html`<option value="${value}">${words}</option>`;
  const methods = ["PUT", "POST", "PATCH", "DELETE", "GET"].map((name) => option(name, name));
  return html`<form class="bar" method="post" action="${toAddress(view)}">
<input type="hidden" name="do" value="add">
<label>Calls <input name="count" type="number" min="1" value="1"></label>
<label>Method <select name="method">${option("", "any")}${methods}</select></label>
<label class="most">Path contains <input name="path" placeholder="/workers/scripts/"></label>
<label class="most">What happens <select name="choice">${[...choices].map(([value, [words]]) => option(value, words))}</select></label>
<button type="submit">Switch on</button>
</form>
${problem === undefined ? "" : html`<p class="problem" role="alert">${problem}</p>`}
${
  waiting.length === 0
    ? html`<p class="soft">No fault waits: every call is answered as it should be.</p>`
    : html`<ul>${waiting.map(({ fault, left }) => html`<li>${describe(fault, left)}</li>`)}</ul>
<form method="post" action="${toAddress(view)}"><input type="hidden" name="do" value="clear">
<button type="submit" class="quiet">Switch all off</button></form>`
}`;
}

/**
 * Does what a form of this section asks for.
 * @returns what is wrong with it, in words; undefined when it was done.
 */
export function takeFaultForm(cloud: Cloud, form: URLSearchParams): string | undefined {
  if (form.get("do") === "clear") {
    cloud.faults.clear();
    return undefined;
  }
  const { data, error } = formSchema.safeParse(Object.fromEntries(form));
  const [, mishap] = (data && choices.get(data.choice)) ?? [];
  if (data === undefined || mishap === undefined) {
    return `This form is incomplete. ${error === undefined ? "" : z.prettifyError(error)}`;
  }
  const { method, path } = data;
  const fault = faultSchema.safeParse({
    ...(method !== "" && { method }),
    path,
    count: data.count,
    fault: mishap,
  });
  if (!fault.success) return z.prettifyError(fault.error);
  try {
    cloud.faults.add(fault.data);
  } catch (failure) {
    return `The path is not a regular expression: ${failure instanceof Error ? failure.message : failure}`;
  }
  return undefined;
}

function describe({ method, path, fault }: Fault, left: number): Html {
  const known = [...choices.values()].find(
    ([, mishap]) => JSON.stringify(mishap) === JSON.stringify(fault),
  );
  const [words = JSON.stringify(fault)] = known ?? [];
  const calls = `${method ?? "any method"}${path === "" ? "" : ` with ${path}`}`;
  const next = left === 1 ? "The next call" : `Each of the next ${left} calls`;
  return html`${next} (<code>${calls}</code>) ${words}`;
}
