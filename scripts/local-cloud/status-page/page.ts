import { html } from "hono/html";
import type { Cloud } from "../cloud.ts";
import type { View } from "./address.ts";
import { renderCalls } from "./calls.ts";
import { renderFaults } from "./faults.ts";
import { renderStored } from "./stored.ts";
import type { Html } from "./words.ts";
import { renderWorkers } from "./workers.ts";

export interface StatusPageOptions {
  readonly view: View;
  /** Where the API answers: `http://127.0.0.1:8790`. */
  readonly origin: string;
  /** The error in the form that was sent. */
  readonly problem?: string | undefined;
}

/** The cloud's content, its last API calls, and faults to switch on. It shows no secret. */
export async function renderStatusPage(
  cloud: Cloud,
  { view, origin, problem }: StatusPageOptions,
): Promise<Html> {
  const accounts = await Promise.all(
    cloud.records.accounts.list().map(async (account) => ({
      account,
      workers: await renderWorkers(cloud, account, view),
      stored: await renderStored(cloud, account, view),
    })),
  );
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Local cloud</title>
<link rel="icon" href="/_icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/_style.css">
</head>
<body class="home-page cloud">
<header>
<nav aria-label="On this page"><a href="#workers">Workers</a><a href="#storage">Storage</a><a href="#faults">Faults</a><a href="#calls">Calls</a></nav>
<h1><img src="/_icon.svg" alt="" width="44" height="44"> Local cloud</h1>
<p class="lead">A Cloudflare account on this machine, on the ${cloud.plan.name} plan. Its API answers at <code>${origin}/client/v4</code></p>
</header>
<main>
<section aria-labelledby="workers">
<h2 id="workers">Workers</h2>
${accounts.map(({ account, workers }) => html`${nameAccount(accounts.length, account)}${workers}`)}
</section>
<section aria-labelledby="storage">
<h2 id="storage">Storage</h2>
${accounts.map(({ account, stored }) => html`${nameAccount(accounts.length, account)}${stored}`)}
</section>
<section aria-labelledby="faults">
<h2 id="faults">Faults</h2>
${renderFaults(cloud, view, problem)}
</section>
<section aria-labelledby="calls">
<h2 id="calls">Calls</h2>
${renderCalls(cloud, view)}
</section>
</main>
</body>
</html>`;
}

function nameAccount(accounts: number, { name, id }: { name: string; id: string }): Html {
  const words = accounts === 1 ? "Account" : `Account ${name}`;
  return html`<p class="small">${words} <code>${id}</code></p>`;
}
