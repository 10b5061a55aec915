import { EventSource } from "eventsource";
import { expect, test } from "vitest";
import { TestCloud } from "../support/local-cloud.ts";
import { storyTime } from "../support/patience.ts";
import { sample } from "../support/sample.ts";
import { StartCounter } from "../support/start-counter.ts";

/** A Worker that answers at once, after three seconds, and with a stream that stays open. */
const fixture = `
export default {
  async fetch(request) {
    const { pathname } = new URL(request.url);
    if (pathname === "/slow") {
      await new Promise((resolve) => setTimeout(resolve, 3000));
      return new Response("slow");
    }
    if (pathname === "/sse") {
      const { readable, writable } = new TransformStream();
      const writer = writable.getWriter();
      writer.write(new TextEncoder().encode("data: open\\n\\n"));
      return new Response(readable, { headers: { "content-type": "text/event-stream" } });
    }
    return new Response("quick");
  },
};`;

const streams = 20;
const uploads = sample(10, 100);

/** Seconds in which a client must be back whose stream was ended. */
const backAgain = 5;

/** A client that keeps a stream of events open. */
class Listener implements Disposable {
  /** Milliseconds from the end of the stream until it was open again, each time. */
  readonly gaps: number[] = [];
  readonly opened: Promise<void>;
  readonly #source: EventSource;
  #endedAt: number | undefined;

  constructor(url: string) {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.opened = promise;
    this.#source = new EventSource(url);
    this.#source.addEventListener("open", () => {
      resolve();
      if (this.#endedAt !== undefined) this.gaps.push(performance.now() - this.#endedAt);
      this.#endedAt = undefined;
    });
    this.#source.addEventListener("error", () => {
      this.#endedAt ??= performance.now();
    });
  }

  /** Milliseconds for which it has been without a stream; 0 where it has one. */
  get missing(): number {
    return this.#endedAt === undefined ? 0 : performance.now() - this.#endedAt;
  }

  [Symbol.dispose](): void {
    this.#source.close();
  }
}

test(
  `no request fails while another Worker is uploaded ${uploads} times, and streams come back`,
  async () => {
    await using cloud = await TestCloud.start();
    await cloud.upload("serving", { code: fixture });
    const [{ port } = { port: 0 }] = cloud.local.workers;
    const origin = `http://localhost:${port}`;
    using listeners = new DisposableStack();
    const open = Array.from({ length: streams }, () =>
      listeners.use(new Listener(`${origin}/sse`)),
    );
    await Promise.all(open.map(({ opened }) => opened));

    let isUploading = true;
    const answers = { quick: 0, slow: 0 };
    const failures: string[] = [];
    const ask = async (path: string, expected: keyof typeof answers) => {
      while (isUploading) {
        const answer = await fetch(`${origin}${path}`).catch((error: unknown) => error);
        const text = answer instanceof Response ? await answer.text() : String(answer);
        if (text === expected) answers[expected] += 1;
        else failures.push(`${path}: ${text}`);
      }
    };
    const asking = [ask("/slow", "slow"), ask("/", "quick"), ask("/", "quick")];
    for (let upload = 1; upload <= uploads; upload += 1) {
      await cloud.upload("other", {
        code: `export default { fetch: () => new Response("${upload}") }`,
      });
      // What was answered as uploaded is what serves.
      expect(await (await cloud.fetchWorker("other")).text()).toBe(`${upload}`);
    }
    isUploading = false;
    await Promise.all(asking);
    expect(failures).toEqual([]);
    expect(answers.slow).toBeGreaterThan(0);
    expect(answers.quick).toBeGreaterThan(uploads);

    const gaps = open.flatMap((listener) => [...listener.gaps, listener.missing]);
    expect(gaps.filter((gap) => gap > 0).length).toBeGreaterThanOrEqual(streams);
    const longest = Math.round(Math.max(...gaps));
    expect(longest).toBeLessThan(backAgain * 1000);
    console.log(
      `${uploads} uploads: ${answers.quick} quick and ${answers.slow} slow answers, none failed; ${gaps.length} ends of streams, back in ${longest} ms at most`,
    );
  },
  sample(storyTime, 4 * storyTime),
);

test("the first value in a new namespace starts nothing, and a Worker that is bound to it reads it", async () => {
  await using cloud = await TestCloud.start();
  const { namespaces } = cloud.client.kv;
  const putInNew = async (title: string) => {
    const { id } = await namespaces.create({ ...cloud.account, title });
    await namespaces.values.update("key", { ...cloud.account, namespace_id: id, value: title });
    return id;
  };
  const first = await putInNew("first");
  using starts = new StartCounter();
  const second = await putInNew("second");
  await namespaces.delete(first, cloud.account);
  await putInNew("third");
  expect(starts.count).toBe(0);
  await cloud.upload("reader", {
    code: `export default { fetch: async (_, env) => new Response(await env.KV.get("key")) }`,
    metadata: { bindings: [{ type: "kv_namespace", name: "KV", namespace_id: second }] },
  });
  expect(await (await cloud.fetchWorker("reader")).text()).toBe("second");
  // Also when more are made than were expected.
  for (let made = 0; made < 10; made += 1) await putInNew(`more ${made}`);
});
