import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rm } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { Checkout } from "./checkout.ts";
import { lendBundle } from "./known-bundle.ts";

const fixture = resolve(import.meta.dirname, "../fixture");

/** What of `worker/` belongs to the person whose server it is: the copy has the fixture's in its place. */
const theirs = ["tools", "resources", "prompts", "migrations", "scopes.ts"];

/** Where a person would write what the fixture has in one file. */
const places: Readonly<Record<string, string>> = {
  "resources.ts": "resources/index.ts",
  "prompts.ts": "prompts/index.ts",
};

/** Files of the fixture that are of the server, not of the tests around it. */
const ofServer = ["scopes.ts", ...Object.keys(places)];

/**
 * A checkout whose own server is the fixture's: its tools stand in `worker/tools` and its scopes in
 * `worker/scopes.ts`, as a person would write them. For tests that edit them, or have a command do it.
 * @param options as of `Checkout.make`.
 */
export async function makeFixtureCheckout(
  options: Parameters<typeof Checkout.make>[0] = {},
): Promise<Checkout> {
  const checkout = await Checkout.make(options);
  const tools = (await readdir(join(fixture, "tools"))).map((name) => `tools/${name}`);
  // Their tests may import what goes.
  for (const path of [...theirs.map((name) => `worker/${name}`), "tests/mine"]) {
    await rm(checkout.path(path), { recursive: true, force: true });
  }
  for (const name of [...tools, ...ofServer]) {
    const place = places[name] ?? name;
    const text = moveImports(await readFile(join(fixture, name), "utf8"), name, place);
    await mkdir(dirname(checkout.path(`worker/${place}`)), { recursive: true });
    await checkout.write(`worker/${place}`, text);
  }
  await layOut(checkout);
  await lendBundle(checkout.path("."), JSON.stringify(options));
  return checkout;
}

type Files = readonly (readonly [file: string, text: string])[];

/**
 * Files at other places than the fixture's, as they are laid out there: other paths of imports make other lines. By
 * whether the copy has this project's rules of layout, as one that is linted has.
 */
const laidOut = new Map<boolean, Files>();

/** Formats what was moved, in the first copy of a process; the others are given the same. */
async function layOut(checkout: Checkout): Promise<void> {
  const hasRules = existsSync(checkout.path("biome.json"));
  const known = laidOut.get(hasRules);
  if (known !== undefined) {
    await Promise.all(known.map(([file, text]) => checkout.write(file, text)));
    return;
  }
  await checkout.runCommand("npx biome format --write worker/resources worker/prompts");
  const files = Object.values(places).map((place) => `worker/${place}`);
  const texts = files.map(async (file) => [file, await checkout.read(file)] as const);
  laidOut.set(hasRules, await Promise.all(texts));
}

/**
 * What `npm run check:tools` finds in a copy beside what it finds in the fixture, whose tools are not
 * written for models.
 */
export async function listNewFindings(checkout: Checkout): Promise<string[]> {
  const check = "npm run check:tools";
  const [found, known] = await Promise.all([
    checkout.runCommand(check),
    makeFixtureCheckout({ hasTests: true }).then(async (plain) => {
      await using copy = plain;
      return await copy.runCommand(check);
    }),
  ]);
  const old = new Set(known.stdout.split("\n"));
  // The last line counts.
  return found.stdout.split("\n").filter((line) => !old.has(line) && !/ to better\. /.test(line));
}

/** The text of a file of the fixture, as it is written at its place below `worker/`. */
function moveImports(text: string, name: string, place: string): string {
  const up = "../".repeat(place.split("/").length - 1) || "./";
  const moved = name === place ? text : text.replaceAll('from "./', `from "${up}`);
  return moved.replaceAll(/from "(\.\.\/)+worker\//g, `from "${up}`);
}
