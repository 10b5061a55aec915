import { execFile } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import * as fc from "fast-check";
import { expect, type TestContext, test } from "vitest";
import { readStackConfig } from "../../scripts/dev/stack-config.ts";
import { UserError } from "../../scripts/errors.ts";
import { anyCharacter } from "../support/any-character.ts";
import { requireEngine } from "../support/engine.ts";
import { makeTempFolder, type TempFolder } from "../support/temp-folder.ts";

const project = `name: shop
runtime: nodejs
config:
  pulumi:disable-default-providers: { value: [cloudflare] }
  colour: { type: string, default: red }
  tags: { type: array, items: { type: string }, default: [b, a] }
  limits: { default: { z: 1, a: [yes, 010] } }
  size: 5
  short: [1, x]
  shop:long: abc
  other:thing: 0x1F
`;

/** What the CLI says of one key. */
interface Listed {
  readonly value: string;
  readonly secret: boolean;
}

/** A project with one stack, whose file is written again and again, and the real CLI beside it. */
class Checkout implements AsyncDisposable {
  readonly root: string;
  readonly #folder: TempFolder;
  readonly #engine: string;
  /** Head of the file with what decrypts its secrets. */
  #head = "";
  /** `word` encrypted for this stack. */
  #secure = "";

  private constructor(folder: TempFolder, engine: string) {
    this.#folder = folder;
    this.#engine = engine;
    this.root = join(folder.path, "checkout");
  }

  static async make(skip: TestContext["skip"]): Promise<Checkout> {
    const engine = requireEngine(skip);
    const checkout = new Checkout(await makeTempFolder(), engine);
    await mkdir(join(checkout.root, ".dev"), { recursive: true });
    await mkdir(join(checkout.#folder.path, "state"));
    await writeFile(join(checkout.root, "Pulumi.yaml"), project);
    await checkout.#run("stack", "init", "dev");
    await checkout.#run("config", "set", "--secret", "hidden", word);
    const text = await readFile(checkout.#file, "utf8");
    checkout.#head = /^encryptionsalt: .*\n/m.exec(text)?.[0] ?? "";
    checkout.#secure = /^ +secure: (.*)$/m.exec(text)?.[1] ?? "";
    return checkout;
  }

  get #file(): string {
    return join(this.root, "Pulumi.dev.yaml");
  }

  /** @param config what is below `config:`; § stands for an encrypted `word`. */
  async write(config: readonly string[]): Promise<void> {
    const lines = config.map((line) => `  ${line.replaceAll("§", `{secure: ${this.#secure}}`)}\n`);
    await writeFile(this.#file, `${this.#head}config:\n${lines.join("")}`);
    const secret = config.filter((line) => line.includes("§"));
    const local = secret.map((line) => line.replace(/^(shop:)?(config:)?/, ""));
    await writeFile(
      join(this.root, ".dev/secrets.yaml"),
      local.map((line) => `${line.replaceAll("§", word)}\n`).join(""),
    );
  }

  async writeText(text: string): Promise<void> {
    await writeFile(this.#file, text);
    await writeFile(join(this.root, ".dev/secrets.yaml"), "");
  }

  /** What the CLI reads. */
  async ask(): Promise<Record<string, Listed>> {
    const said = await this.#run("config", "--json", "--show-secrets", "--stack", "dev");
    const listed = JSON.parse(said) as Record<string, Listed>;
    return Object.fromEntries(
      Object.entries(listed).map(([key, { value, secret }]) => [key, { value, secret }]),
    );
  }

  /** What the dev server reads. */
  async read(): Promise<Record<string, Listed>> {
    const { values, secretKeys } = await readStackConfig(this.root, "dev", {});
    return Object.fromEntries(
      Object.entries(values).map(([key, value]) => [
        key,
        { value, secret: secretKeys.includes(key) },
      ]),
    );
  }

  async #run(...args: readonly string[]): Promise<string> {
    const { path } = this.#folder;
    const { stdout } = await promisify(execFile)(this.#engine, [...args, "--non-interactive"], {
      cwd: this.root,
      env: {
        PATH: "/usr/bin:/bin",
        HOME: path,
        PULUMI_HOME: join(path, "pulumi"),
        PULUMI_BACKEND_URL: `file://${join(path, "state")}`,
        PULUMI_CONFIG_PASSPHRASE: "a passphrase of tests",
        PULUMI_SKIP_UPDATE_CHECK: "1",
        // A point in time is printed in the zone of the machine, where it is written so.
        TZ: "UTC",
      },
    });
    return stdout;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#folder[Symbol.asyncDispose]();
  }
}

const word = "sw0rd & <more>";

const digits = /^[-+]?\.?[0-9_]{1,24}\.?[0-9]{0,3}([eE][-+]?[0-9]{1,3})?$/;
const number = fc.oneof(
  fc.stringMatching(digits),
  fc.stringMatching(/^[-+]?0[xXoObB]?[0-9a-fA-F_]{1,18}$/),
  fc.constantFrom("9007199254740993", "18446744073709551615", "-9223372036854775809", "1e400"),
);
const time = fc
  .tuple(
    fc.stringMatching(/^20[0-9]{2}-[0-1]?[0-9]-[0-3]?[0-9]$/),
    fc.constantFrom(
      ...["", "T10:00:00Z", "t1:2:3.1230Z", "T23:59:59+02:00", "T00:00:00-05:30", " 7:08:09.5"],
      ...["T24:00:00Z", "T10:00:00", " 10:00", "T10:00:00+00:00"],
    ),
  )
  .map(([date, clock]) => `${date}${clock}`);
const bare = fc.oneof(
  fc.constantFrom(
    ...["production", "yes", "no", "on", "Off", "y", "N", "true", "True", "TRUE", "tRue", "false"],
    ...["null", "~", "Null", "1.2.3", "0x", "+", "190:20:30", "10.0.0.1", "é", "a#b", "."],
    ...["!!str 5", '!!int "7"', "-0", "-0.0", "08", "0o17", "1_0", "_1", "3.10", "1e3", "1e-7"],
    ...[".2_9", ".2_9e1_0", "._2", ".2_", ".2_e3", ".2e_3", ".2__9", "-.2_9", "-._2"],
  ),
  number,
  time,
);
const text = fc.oneof(fc.string({ unit: anyCharacter }), fc.string()).map((value) => {
  // The CLI cannot read several lines that begin with a tab. A lone half of a pair is not text of UTF-8.
  const readable = value.toWellFormed().replace(/^\t+(?=.*\n)/s, "");
  // A double-quoted text of YAML reads JSON's escapes, and must have them for control characters.
  return JSON.stringify(readable).replaceAll(
    /[\u007f-\u009f\ufffe\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
});
const key = fc.oneof(
  fc.stringMatching(/^[a-z][a-zA-Z0-9]{0,5}$/),
  fc.constantFrom("1", "true", '"<b>"', "__proto__", "2026-07-01"),
);
const { value } = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    { weight: 6, arbitrary: bare },
    { weight: 2, arbitrary: text },
    { weight: 1, arbitrary: fc.constant("§") },
    {
      weight: 2,
      arbitrary: fc.array(tie("value"), { maxLength: 4 }).map((all) => `[${all.join(", ")}]`),
    },
    {
      weight: 2,
      arbitrary: fc
        .uniqueArray(fc.tuple(key, tie("value")), { maxLength: 4, selector: ([name]) => name })
        .map((all) => `{${all.map(([name, each]) => `${name}: ${each}`).join(", ")}}`),
    },
  ),
}));

/** Lines of a file: keys with and without a namespace, each once. */
const config = fc
  .array(fc.tuple(fc.constantFrom("", "shop:", "shop:config:", "other:"), value), {
    minLength: 20,
    maxLength: 40,
  })
  .map((all) =>
    all.map(([space, each], index) => {
      if (!each.includes("§")) return `${space}key${index}: ${each}`;
      // What another package's secret is, the dev server need not know.
      const own = space === "other:" ? "shop:" : space;
      // The file of local secrets is never written again by Pulumi, which takes a first break off a text.
      return `${own}key${index}: ${each.replaceAll(/"(\\n|[\u2028\u2029])+/g, '"')}`;
    }),
  );

test("a stack's file is read as the Pulumi CLI reads it, whatever is in it", async ({ skip }) => {
  await using checkout = await Checkout.make(skip);
  await fc.assert(
    fc.asyncProperty(config, async (lines) => {
      await checkout.write(lines);
      expect(await checkout.read()).toEqual(await checkout.ask());
    }),
    {
      numRuns: process.env.SOAK ? 300 : 6,
      examples: [
        [
          [
            "environment: production",
            "colour: blue",
            "shop:tags: [§, {inner: §, plain: 010}]",
            "size: §",
            "empty:",
            "text: |\n      one\n      two",
            "base: &base {q: 1, w: 2026-07-01}",
            "joined: {<<: *base, w: 2}",
            "same: *base",
            'breaks: ["\\n", "\\n\\n", "\\na", "\\n a\\n", "\\n a \\n", "\\n ", "\\n\\t", "\\r\\n", "\\u2028\\n", "\\n\\u0001"]',
            'broken: "\\n  one\\n"',
            "points: [.2_9, .2_9e1_0, ._2, .2_, .2_e3, .2e_3, .2__9, -.2_9, -._2, 2_.9_]",
          ],
        ],
      ],
    },
  );
});

test("an empty file, one of comments and one with more than a page are read as the CLI reads them", async ({
  skip,
}) => {
  await using checkout = await Checkout.make(skip);
  for (const file of [
    "",
    "# nothing yet\n",
    "config:\n",
    "---\nconfig: {a: 1}\n---\nconfig: {a: 2}\n",
    "\ufeffconfig: {a: 1}\n",
  ]) {
    await checkout.writeText(file);
    expect(await checkout.read(), file).toEqual(await checkout.ask());
  }
});

test("what the CLI refuses is refused with words", async ({ skip }) => {
  await using checkout = await Checkout.make(skip);
  for (const file of [
    "[]\n",
    "config: []\n",
    "config: x\n",
    "config: {a: .inf}\n",
    "config: {a: 1, a: 2}\n",
    "config: {a:b:c: 1}\n",
    "config: {a: *x}\n",
    "config: {a: [1}\n",
    'config: {a: "\\tone\\n"}\n',
    "config: {a: b\u007f}\n",
    'config: {a: "\u0080"}\n',
    "# \uffff\n",
    "environment: production\n",
  ]) {
    await checkout.writeText(file);
    await expect(checkout.ask(), file).rejects.toThrow();
    await expect(checkout.read(), file).rejects.toThrow(UserError);
  }
});
