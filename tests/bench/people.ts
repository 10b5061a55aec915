/** The third part of `npm run bench`: one person with ten thousand kept values. */
import { waitUntilReady } from "../support/checkout.ts";
import { everyScope } from "../support/connect.ts";
import { makeFixtureCheckout } from "../support/fixture-checkout.ts";
import { postMessage, toToolCall } from "../support/mcp-by-hand.ts";
import { OAuthApp } from "../support/oauth-app.ts";
import { Person } from "../support/person.ts";
import { report } from "./figures.ts";

const values = 10_000;
const writers = 8;
const rounds = 50;

await using checkout = await makeFixtureCheckout();
await using program = checkout.start();
const origin = await waitUntilReady(program);
const app = await OAuthApp.register(origin);
const login = await app.logIn(new Person("ada@example.com"), { scope: everyScope });
const mcp = `${origin}/mcp`;

async function call(name: string, args: object): Promise<string> {
  const text = await (await postMessage(mcp, login.accessToken, toToolCall(name, args))).text();
  if (!text.includes('"structuredContent"')) throw new Error(text);
  return text;
}

const started = performance.now();
const write = async (writer: number) => {
  for (let index = writer; index < values; index += writers) {
    const name = `value-${String(index).padStart(5, "0")}`;
    await call("put", { name, value: `The value of number ${index}` });
  }
};
await Promise.all(Array.from({ length: writers }, (_, writer) => write(writer)));
const rate = values / ((performance.now() - started) / 1000);
report("values kept a second", [rate], "a second");

async function time(name: string, args: () => object, expected: RegExp): Promise<void> {
  const times: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const begun = performance.now();
    const text = await call("get", args());
    times.push(performance.now() - begun);
    if (!expected.test(text)) throw new Error(text);
  }
  report(name, times, "ms");
}

await time("one of 10,000 values by its name", () => ({ name: "value-07777" }), /number 7777/);
await time("the first 200 of 10,000", () => ({ limit: 200 }), /value-00199/);
await time("the last of 10,000 by their prefix", () => ({ prefix: "value-099" }), /value-09900/);
