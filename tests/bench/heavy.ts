/** A part of `npm run bench`: what the heaviest messages that are taken cost somebody else. */
import { mostElements, mostKeys } from "../../worker/mcp/message-bounds.ts";
import { waitUntilReady } from "../support/checkout.ts";
import { makeFixtureCheckout } from "../support/fixture-checkout.ts";
import { postMessage, toToolCall } from "../support/mcp-by-hand.ts";
import { OAuthApp } from "../support/oauth-app.ts";
import { Person } from "../support/person.ts";
import { report } from "./figures.ts";

/** Heavy messages at once. */
const heavyAtOnce = 12;

const rounds = 20;

await using checkout = await makeFixtureCheckout();
await using program = checkout.start();
const origin = await waitUntilReady(program);
const mcp = `${origin}/mcp`;

async function logIn(email: string): Promise<string> {
  const app = await OAuthApp.register(origin);
  return (await app.logIn(new Person(email), { path: "/mcp" })).accessToken;
}

const [sender, other] = [await logIn("ada@example.com"), await logIn("grace@example.com")];

/** Milliseconds until the other person has an answer. */
async function timeOther(): Promise<number> {
  const begun = performance.now();
  const answer = await postMessage(mcp, other, toToolCall("sum", { a: 1, b: 2 }));
  if (!(await answer.text()).includes('"sum":3'))
    throw new Error("The other person has no answer.");
  return performance.now() - begun;
}

// As many as the bounds let pass, less what the message itself has.
const keys = Object.fromEntries(
  Array.from({ length: mostKeys - 20 }, (_, index) => [`key-${index}`, index]),
);
const elements = { values: Array.from({ length: mostElements - 20 }, (_, index) => index % 10) };

const alone: number[] = [];
for (let round = 0; round < rounds; round += 1) alone.push(await timeOther());
report("a call beside nothing", alone, "ms");

for (const [what, heavy] of Object.entries({ keys, elements })) {
  const beside: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const sent = Array.from({ length: heavyAtOnce }, async () => {
      const answer = await postMessage(mcp, sender, toToolCall("sum", { a: 1, b: 2, heavy }));
      await answer.text();
      return answer.status;
    });
    beside.push(await timeOther());
    await Promise.all(sent);
  }
  report(`a call beside ${heavyAtOnce} messages of the most ${what}`, beside, "ms");
}
