import { describe, expect, test } from "vitest";
import { noObjects } from "../../tests/support/durable-object-model.ts";
import { StackModel } from "../../tests/support/stack-model.ts";

/** A whole stack needs several bundles. */
const slow = { timeout: 900_000 };
const firstPlan = {
  newTag: "v4",
  steps: [
    {
      newSqliteClasses: [
        "McpSession",
        "PersonState",
        "TokenGate",
        "Throttle",
        "PurgeRun",
        "Transaction",
      ],
    },
  ],
};

describe("a clean second up", () => {
  test("first, unchanged, code change: the steps are sent once", slow, async () => {
    const stack = new StackModel();
    const first = await stack.up();
    expect(first.sent).toEqual(firstPlan);
    expect(first.updated).toEqual([]);

    const unchanged = await stack.up();
    expect(unchanged).toMatchObject({ created: [], updated: [], replaced: [], deleted: [] });
    expect(unchanged.sent).toBeUndefined();

    const changed = await stack.up({ code: "changed" });
    expect(changed).toMatchObject({ created: [], updated: ["worker"], deleted: [] });
    expect(changed.replaced.sort()).toEqual(["annotations", "migrations"]);
    expect(changed.sent).toBe("none");

    for (const [run, { sent }] of Object.entries({ first, unchanged, changed })) {
      console.log(`${run}: ${sent === undefined ? "no upload" : JSON.stringify(sent)}`);
    }

    const again = await stack.up({ code: "changed" });
    expect(again).toMatchObject({ created: [], updated: [], replaced: [], deleted: [] });
  });

  test("a changed setting, key or limit sends no step again", slow, async () => {
    const stack = new StackModel();
    await stack.up();
    for (const values of [
      { serverTitle: "Other" },
      { serverTitle: "Other", signInsPerMinute: "5" },
      { serverTitle: "Other", keyGeneration: "2" },
      { compatibilityDate: "2026-07-01", keyGeneration: "2" },
      { observabilitySampling: "0.5", keyGeneration: "2" },
    ]) {
      const result = await stack.up({ values });
      expect(result.refusals).toEqual([]);
      expect(result.sent).toBe("none");
    }
  });

  test("an upload whose answer was lost heals on the next up", slow, async () => {
    const stack = new StackModel();
    const lost = await stack.up({ loseAnswer: true });
    expect(lost.sent).toEqual(firstPlan);
    expect(stack.live?.tag).toBe("v4");

    const healed = await stack.up();
    expect(healed.replaced).toContain("migrations");
    expect(healed.sent).toBe("none");
    expect(healed.created).toContain("worker");
    await expectQuietSoon(stack);
  });

  test("an update whose answer was lost heals too", slow, async () => {
    const stack = new StackModel();
    await stack.up();
    await stack.up({ code: "changed", loseAnswer: true });
    expect((await stack.up({ code: "changed" })).sent).toBe("none");
  });

  test("a Worker that was deleted by hand gets every class again", slow, async () => {
    const stack = new StackModel();
    await stack.up();
    stack.live = undefined;
    // `up --refresh` drops what is gone from the state.
    stack.forget("worker", "workers-dev", "purge");
    const result = await stack.up();
    expect(result.sent).toEqual(firstPlan);
    expect(result.created.sort()).toEqual(["purge", "worker", "workers-dev"]);
    await expectQuietSoon(stack);
  });

  test("a Worker of somebody else is left alone", slow, async () => {
    const stack = new StackModel();
    stack.live = { ...noObjects, tag: "theirs" };
    await expect(stack.up()).rejects.toThrowError(/tag "theirs", which .* does not know/);
  });

  test(
    "after such a refusal the stack may take another name, as it was told to",
    slow,
    async () => {
      const stack = new StackModel();
      stack.live = noObjects;
      stack.boundNamespaces = ["a".repeat(32)];
      expect((await stack.up()).refusals).toHaveLength(1);
      stack.live = undefined;
      const result = await stack.up({ values: { scriptName: "another" } });
      expect(result.refusals).toEqual([]);
      expect(result.sent).toEqual(firstPlan);
    },
  );

  test.each([undefined, "v1"])(
    "a Worker of the same name with the tag %s, and another namespace, is not replaced",
    slow,
    async (tag) => {
      const stack = new StackModel();
      stack.live = tag === undefined ? noObjects : { tag, classes: new Map([["McpSession", 1]]) };
      stack.boundNamespaces = ["a".repeat(32)];
      const result = await stack.up();
      expect(result.refusals).toEqual([
        expect.stringMatching(
          /scriptName: the account has a Worker "remote-mcp-server-dev" that this stack did not make/,
        ),
      ]);
      expect(result.sent).toBeUndefined();
    },
  );
});

/** The run after a healing one forgets what it healed, without a step; from then on nothing changes. */
async function expectQuietSoon(stack: StackModel): Promise<void> {
  const after = await stack.up();
  expect(after.created).toEqual([]);
  expect([undefined, "none"]).toContain(after.sent);
  const quiet = await stack.up();
  expect(quiet).toMatchObject({ created: [], updated: [], replaced: [], deleted: [] });
}

describe("the Worker's name", () => {
  test("does not change: its data would go with it", slow, async () => {
    const stack = new StackModel();
    const values = { publicUrl: "http://localhost:8787" };
    await stack.up({ values });
    const result = await stack.up({ values: { ...values, scriptName: "other" } });
    expect(result.refusals).toEqual([
      expect.stringMatching(
        /scriptName: the Worker is called remote-mcp-server-dev and would be replaced .* Durable Object data/,
      ),
    ]);
    expect(result.sent).toBeUndefined();
  });
});

test("the account does not change", slow, async () => {
  const stack = new StackModel();
  const values = { publicUrl: "http://localhost:8787" };
  await stack.up({ values });
  const result = await stack.up({ values: { ...values, accountId: "9".repeat(32) } });
  expect(result.refusals).toEqual([
    expect.stringMatching(/accountId: the stack was deployed to the account 0123.*is a new stack/),
  ]);
});

test("a first up that failed after the upload counts as deployed", slow, async () => {
  const stack = new StackModel();
  await stack.up({ loseAnswer: true });
  stack.namespaces.push({
    id: stack.boundNamespaces[0] ?? "",
    title: "remote-mcp-server-dev-oauth",
    isEmpty: false,
  });
  const moved = await stack.up({ values: { publicUrl: "https://mcp.example.com" } });
  expect(moved.refusals).toEqual([expect.stringMatching(/allowOriginChange/)]);
});

describe("the origin", () => {
  const moved = { publicUrl: "https://mcp.example.com" };

  test("may not change by accident", slow, async () => {
    const stack = new StackModel();
    await stack.up();
    const result = await stack.up({ values: moved });
    expect(result.refusals).toEqual([
      expect.stringMatching(
        /allowOriginChange: the stack was deployed at https:\/\/remote-mcp-server-dev\.ada\.workers\.dev and would move to https:\/\/mcp\.example\.com/,
      ),
    ]);
    expect(result.sent).toBeUndefined();
    expect((await stack.up()).refusals).toEqual([]);
  });

  test(
    "changes when the setting holds exactly the new one, and back only when it says so",
    slow,
    async () => {
      const stack = new StackModel();
      await stack.up();
      const other = { ...moved, allowOriginChange: "https://other.example.com" };
      expect((await stack.up({ values: other })).refusals).toHaveLength(1);
      const allowed = { ...moved, allowOriginChange: "https://mcp.example.com" };
      expect((await stack.up({ values: allowed })).sent).toBe("none");
      expect((await stack.up({ values: moved })).refusals).toEqual([]);
      expect((await stack.up()).refusals).toHaveLength(1);
    },
  );
});

describe("keys", () => {
  const generation = (keyGeneration: string) => ({ values: { keyGeneration } });

  test(
    "two rotations keep one generation back, and never the key of people's ids",
    slow,
    async () => {
      const stack = new StackModel();
      await stack.up();
      const subject = stack.stashed("subject-key");
      const rings = [readRing(await stack.up())];
      rings.push(readRing(await stack.up(generation("2"))));
      rings.push(readRing(await stack.up(generation("3"))));

      const [first, second, third] = rings;
      expect(first).toHaveLength(1);
      expect(second).toEqual([expect.any(String), first?.[0]]);
      expect(third).toEqual([expect.any(String), second?.[0]]);
      expect(new Set([...(second ?? []), ...(third ?? [])]).size).toBe(3);
      expect(stack.stashed("subject-key")).toBe(subject);
      expect(stack.stashed("session-key-1")).toBeUndefined();
    },
  );

  test.each(["3", "1"])(
    "a step from 2 to other than 3 is refused: from 1 by 2, or back",
    slow,
    async (target) => {
      const stack = new StackModel();
      await stack.up();
      if (target === "1") await stack.up(generation("2"));
      const result = await stack.up(generation(target));
      expect(result.refusals).toEqual([
        expect.stringMatching(/keyGeneration: it cannot (jump|go back)/),
      ]);
      expect(result.sent).toBeUndefined();
    },
  );

  test("a key from before there were generations is taken along", slow, async () => {
    const stack = new StackModel();
    const { resources } = await stack.up();
    const key = resources.find(({ name }) => name === "session-key-1");
    expect(key?.options.aliases).toEqual(["session-key"]);
  });
});

function readRing({ resources }: Awaited<ReturnType<StackModel["up"]>>): string[] {
  const worker = resources.find(({ name }) => name === "worker");
  const bindings = worker?.inputs.bindings as { name: string; text: string }[];
  return bindings.find(({ name }) => name === "SESSION_KEYS")?.text.split(" ") ?? [];
}

describe("the namespace", () => {
  const title = "remote-mcp-server-dev-oauth";
  const id = "f".repeat(32);

  test(
    "whose creation took effect while its answer was lost makes room for the next run's",
    slow,
    async () => {
      const stack = new StackModel();
      await expect(stack.up({ cutAfterNamespace: true })).rejects.toThrowError("connection reset");
      expect(stack.namespaces).toMatchObject([{ title, isEmpty: true }]);

      const again = await stack.up();
      expect(again.refusals).toEqual([]);
      expect(again.created).toContain("oauth");
      expect(stack.namespaces).toEqual([]);
    },
  );

  test(
    "that is empty and in use stops the up with words, not with Cloudflare's error",
    slow,
    async () => {
      const stack = new StackModel();
      stack.namespaces.push({ id, title, isEmpty: true });
      stack.namespacesInUse = true;
      expect((await stack.up()).refusals).toEqual([
        expect.stringMatching(
          /kvNamespaceId: .* that a Worker uses, which this stack did not make/,
        ),
      ]);
    },
  );

  test(
    "of somebody else, with keys in it, stops the up with the words to go on",
    slow,
    async () => {
      const stack = new StackModel();
      stack.namespaces.push({ id, title, isEmpty: false });
      const result = await stack.up();
      expect(result.refusals).toEqual([
        expect.stringMatching(
          /with keys in it, .* `npx pulumi config set -s dev kvNamespaceId f{32}`.*another scriptName/,
        ),
      ]);
      expect(stack.namespaces).toHaveLength(1);
    },
  );

  test("of the stack itself never stops it, however full", slow, async () => {
    const stack = new StackModel();
    await stack.up();
    stack.namespaces.push({ id, title, isEmpty: false });
    expect((await stack.up({ code: "changed" })).refusals).toEqual([]);
  });

  test("that a setting names is taken over under its own title, once", slow, async () => {
    const stack = new StackModel();
    stack.namespaces.push({ id, title: "an older name", isEmpty: false });
    const { resources, refusals } = await stack.up({ values: { kvNamespaceId: id } });
    const oauth = resources.find(({ name }) => name === "oauth");
    expect(refusals).toEqual([]);
    expect(oauth?.inputs.title).toBe("an older name");
    expect(oauth?.options.import).toBe(`0123456789abcdef0123456789abcdef/${id}`);

    stack.ownNamespace = id;
    await expect(stack.up({ values: { kvNamespaceId: id } })).rejects.toThrowError(
      /kvNamespaceId: the namespace is taken over, .* Remove it with `npx pulumi config rm -s dev/,
    );
    expect((await stack.up()).refusals).toEqual([]);
  });

  test("that a setting names and the account does not have", slow, async () => {
    await expect(new StackModel().up({ values: { kvNamespaceId: id } })).rejects.toThrowError(
      /kvNamespaceId: the account has no KV namespace f{32}/,
    );
  });

  test("that a setting names beside one of the stack's own name", slow, async () => {
    const stack = new StackModel();
    stack.namespaces.push({ id, title: "other", isEmpty: false });
    stack.namespaces.push({ id: "b".repeat(32), title, isEmpty: true });
    await expect(stack.up({ values: { kvNamespaceId: id } })).rejects.toThrowError(
      /kvNamespaceId: a namespace of this stack's own name exists/,
    );
  });

  test("of a running stack is not swapped for another", slow, async () => {
    const stack = new StackModel();
    await stack.up();
    stack.namespaces.push({ id, title: "other", isEmpty: false });
    await expect(stack.up({ values: { kvNamespaceId: id } })).rejects.toThrowError(
      /kvNamespaceId: this stack's data is in the namespace .* would sign everybody out/,
    );
  });
});
