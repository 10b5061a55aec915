import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { waitUntilReady } from "../support/checkout.ts";
import { connectModern } from "../support/connect.ts";
import { carryOut, readBlocks } from "../support/document.ts";
import { listNewFindings, makeFixtureCheckout } from "../support/fixture-checkout.ts";
import { OAuthApp } from "../support/oauth-app.ts";
import { storyTime } from "../support/patience.ts";
import { Person } from "../support/person.ts";

/** The runs of tests that the document asks for, with their files. */
const testRun = /^npx vitest run --project worker (.*)\n/gm;

const key = "canary-5d0c7e91b2";

/** The service of the document, on this machine. It repeats the key in every error, as bad ones do. */
async function startWeather() {
  const asked: { readonly url: string; readonly authorization: string }[] = [];
  const server = createServer((request, response) => {
    const { url = "", headers } = request;
    const authorization = headers.authorization ?? "";
    asked.push({ url, authorization });
    const answer = (status: number, body: unknown, more: Record<string, string> = {}) => {
      response.writeHead(status, { "content-type": "application/json", ...more });
      response.end(JSON.stringify(body));
    };
    const city = new URL(url, "http://localhost").searchParams.get("city");
    if (city === "Atlantis") answer(404, {});
    else if (city === "?") answer(400, { message: `no city for ${authorization}` });
    else if (city === "Out") answer(503, { error: `down for ${authorization}` });
    else if (city === "Away") answer(302, {}, { location: "/elsewhere" });
    else if (city === "Strange") answer(200, { temperature: authorization });
    else answer(200, { temperature: 21, sky: "clear" });
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  return {
    asked,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

test("whoever follows docs/tools.md has tools that are checked, served and called", {
  timeout: 3 * storyTime,
}, async () => {
  await using checkout = await makeFixtureCheckout({ hasTests: true });
  await using weather = await startWeather();
  const document = await checkout.read("docs/tools.md");
  for (const block of readBlocks(document.replaceAll(testRun, ""))) {
    await carryOut(block, checkout);
  }
  const tests = [...document.matchAll(testRun)].flatMap(([, files = ""]) => files.split(" "));
  for (const check of [
    "npx biome ci --colors=off worker",
    "npx tsc -p .",
    "npx tsc -p worker",
    "npm run docs",
  ]) {
    const { code, stdout, stderr } = await checkout.runCommand(check);
    expect(code, `${check}\n${stdout}${stderr}`).toBe(0);
  }
  // All of them in one run: each loads the whole Worker.
  const tested = await checkout.runCommand(
    `npx vitest run --project unit --project worker scripts/docs ${tests.join(" ")}`,
  );
  expect(tested.code, tested.stdout + tested.stderr).toBe(0);
  for (const file of tests) expect(tested.stdout).toContain(file);
  expect(tests).toHaveLength(3);
  expect(await listNewFindings(checkout)).toEqual([]);

  expect(await checkout.read(".dev/secrets.yaml")).toBe("weatherApiKey: the-key\n");
  await checkout.write(".dev/secrets.yaml", `weatherApiKey: ${key}\n`);
  const setting = "remote-mcp-server:environment: development";
  const withUrl = `${setting}\n  remote-mcp-server:weatherUrl: ${weather.url}`;
  await checkout.edit("Pulumi.dev.yaml", setting, withUrl);

  await using program = checkout.serve("--verbose", "--allow-private");
  const origin = await waitUntilReady(program);
  const app = await OAuthApp.register(origin);
  const scope = "everyday:use polls:vote";
  const { accessToken } = await app.logIn(new Person("ada@example.com"), { scope });
  await using client = await connectModern(origin, accessToken);
  const call = async (name: string, args: Record<string, unknown>) => {
    const { structuredContent, content, isError } = await client.callTool({
      name,
      arguments: args,
    });
    const text = content.map((block) => (block.type === "text" ? block.text : "")).join("");
    return { structuredContent, text, isError };
  };

  const { tools } = await client.listTools();
  expect(tools.map(({ name }) => name).slice(-3)).toEqual(["roll_dice", "weather", "vote"]);
  const roll = await call("roll_dice", { dice: 3, keep: 1 });
  expect(roll.structuredContent).toMatchObject({ shown: [expect.any(Number)] });

  const paris = await call("weather", { city: "Paris" });
  expect(paris).toMatchObject({ text: "Paris: 21 °C, clear" });
  expect(weather.asked).toEqual([
    { url: "/v1/current?city=Paris", authorization: `Bearer ${key}` },
  ]);
  const failed = "The tool weather failed on the server. Try again later.";
  const errors = {
    Atlantis: 'The weather service knows no "Atlantis". Give a larger city nearby.',
    "?": "The weather service says: no city for Bearer [redacted]. Change the city.",
    Out: failed,
    Away: failed,
    Strange: failed,
  };
  for (const [city, text] of Object.entries(errors)) {
    expect(await call("weather", { city }), city).toMatchObject({ text, isError: true });
  }
  // The redirect was not followed.
  expect(weather.asked.filter(({ url }) => url.startsWith("/elsewhere"))).toEqual([]);

  const first = await call("vote", { poll: "lunch", choice: "soup" });
  expect(first.structuredContent).toEqual({ counts: [{ choice: "soup", votes: 1 }] });
  const second = await call("vote", { poll: "lunch", choice: "rice" });
  expect(second.structuredContent).toEqual({ counts: [{ choice: "rice", votes: 1 }] });

  // What failed is in the log, and the key is not.
  await program.waitFor(/weather: 503 .*down for Bearer \[redacted\]/);
  await program.waitFor(/"tool":"vote","outcome":"ok"/);
  expect(program.printed).not.toContain(key);
});
