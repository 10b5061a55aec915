import { setTimeout as wait } from "node:timers/promises";
import { expect } from "vitest";
import { connectLegacy, connectModern, everyWay, logIn, type Way } from "../support/connect.ts";
import { Person } from "../support/person.ts";
import type { StackServer } from "../support/stack-server.ts";
import { test } from "../support/test.ts";

const forms = { elicitation: {} };

/** What a client is asked to do with a long call, whichever SDK it comes from. */
interface LongCalls extends AsyncDisposable {
  count(
    args: object,
    options: { signal?: AbortSignal; onprogress?: (progress: Progress) => void },
  ): Promise<unknown>;
}

interface Progress {
  readonly progress: number;
  readonly total?: number | undefined;
  readonly message?: string | undefined;
}

async function connect(origin: string, way: Way | "session"): Promise<LongCalls> {
  const endpoint = way === "session" ? "legacy" : way;
  const token = await logIn(origin, new Person("ada@example.com"), endpoint);
  if (way === "modern") {
    const client = await connectModern(origin, token);
    return {
      count: (args, options) => client.callTool({ name: "count", arguments: { ...args } }, options),
      [Symbol.asyncDispose]: () => client.close(),
    };
  }
  const capabilities = way === "session" ? forms : {};
  const client = await connectLegacy(origin, token, way === "sse" ? "sse" : "legacy", capabilities);
  return {
    count: (args, options) =>
      client.callTool({ name: "count", arguments: { ...args } }, undefined, options),
    [Symbol.asyncDispose]: () => client.close(),
  };
}

/** @returns what lists how each call of the tool ended from now on, as the log has it. */
function watchOutcomes({ requests }: StackServer): () => string[] {
  const past = requests.length;
  return () =>
    requests
      .slice(past)
      // The runtime prints lines of its own.
      .filter((line) => line.startsWith("{"))
      .flatMap((line) => {
        const event = JSON.parse(line) as { event: string; tool?: string; outcome?: string };
        return event.event === "tool" && event.tool === "count" ? [event.outcome ?? ""] : [];
      });
}

for (const way of [...everyWay, "session"] as const) {
  test(`a ${way} client sees the progress of a long call, as it goes`, async ({ server }) => {
    const listNew = watchOutcomes(server);
    await using client = await connect(server.origin, way);
    const seen: { progress: Progress; at: number }[] = [];
    const started = performance.now();
    const result = await client.count(
      { steps: 8, pause: 50 },
      { onprogress: (progress) => seen.push({ progress, at: performance.now() - started }) },
    );
    expect(result).toMatchObject({ structuredContent: { counted: 8 } });
    // The last comes together with the answer, before which SDK 1.32 forgets whom to tell.
    const steps = seen.map(({ progress }) => progress.progress);
    expect(steps.slice(0, 7)).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(seen.at(-1)?.progress).toMatchObject({
      total: 8,
      message: expect.stringMatching(/^At/),
    });
    // Not all at the end: the first came while the work went on.
    expect((seen.at(-1)?.at ?? 0) - (seen[0]?.at ?? 0)).toBeGreaterThan(150);
    expect(steps.length).toBeLessThanOrEqual(8);
    // A line that comes late would be taken for one of the next test.
    await expect.poll(listNew).toEqual(["ok"]);
  });

  // Its cancellation is a request of its own, which no more finds the call than any other would.
  if (way === "legacy") continue;
  test(`a call that a ${way} client cancels ends at once`, async ({ server }) => {
    const listNew = watchOutcomes(server);
    await using client = await connect(server.origin, way);
    const abort = new AbortController();
    const call = client.count(
      { steps: 500, pause: 50 },
      { signal: abort.signal, onprogress: () => abort.abort() },
    );
    await expect(call).rejects.toThrow();
    await expect.poll(listNew).toEqual(["cancelled"]);
    // And the client goes on.
    await wait(50);
    expect(await client.count({ steps: 1, pause: 0 }, {})).toMatchObject({
      structuredContent: { counted: 1 },
    });
    expect(listNew()).toEqual(["cancelled", "ok"]);
  });
}
