import fc from "fast-check";
import { expect, test } from "vitest";
import { localAccountId } from "../../scripts/local-cloud/local-token.ts";
import { listDescendants, waitUntilReady } from "../support/checkout.ts";
import { makeFixtureCheckout } from "../support/fixture-checkout.ts";
import { storyTime } from "../support/patience.ts";
import type { Program } from "../support/program.ts";
import { sample } from "../support/sample.ts";

/** Something the API was asked to keep: where it is read again, and what it then says. */
interface Fact {
  readonly path: string;
  /** Undefined: it is gone. */
  readonly value: string | undefined;
}

/** One call that changes something. */
interface Change extends Fact {
  readonly method: string;
  readonly url: string;
  readonly body: string | FormData | undefined;
}

/** Calls that are under way at once. */
const callers = 4;
const calls = 200;

const account = `/accounts/${localAccountId}`;
const zones = ["example.com"];

/** A number of a sequence that looks random and is the same for the same seed. */
function createRandom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** The API, and what is known of what it answered. */
class Witness {
  origin = "";
  token = "";
  answered = 0;
  /** What must be there: by path, what was answered last. */
  readonly #known = new Map<string, string | undefined>();
  /** Calls without an answer: what they wanted may be there or not. */
  readonly #open = new Map<string, Fact>();
  namespace = "";
  zone = "";

  async call(method: string, path: string, body?: string | FormData): Promise<Response> {
    return fetch(`${this.origin}/client/v4${path}`, {
      method,
      headers: { authorization: `Bearer ${this.token}` },
      ...(body !== undefined && { body }),
    });
  }

  /** Makes a change. An answer makes it known; a lost answer leaves it open. */
  async make(change: Change): Promise<void> {
    this.#open.set(change.path, change);
    const response = await this.call(change.method, change.url, change.body);
    const text = await response.text();
    if (!response.ok) throw new Error(`${change.method} ${change.url}: ${text}`);
    this.#open.delete(change.path);
    this.#known.set(change.path, change.value);
    this.answered += 1;
  }

  /** What is not as it was answered. Whatever a lost call did is known from then on. */
  async findLosses(): Promise<string[]> {
    const losses: string[] = [];
    for (const path of new Set([...this.#known.keys(), ...this.#open.keys()])) {
      const known = this.#known.get(path);
      const open = this.#open.get(path);
      const has = await this.#read(path);
      if (has !== known && !(open !== undefined && has === open.value)) {
        losses.push(`${path}: ${has}, not ${known}${open ? ` or ${open.value}` : ""}`);
      }
      this.#known.set(path, has);
    }
    this.#open.clear();
    return losses;
  }

  /** The part of the answer that a change changes. */
  async #read(path: string): Promise<string | undefined> {
    const response = await this.call("GET", path);
    const text = await response.text();
    if (response.status === 404) return undefined;
    if (!response.ok) throw new Error(`GET ${path}: ${text}`);
    if (path.includes("/values/")) return text;
    const { result } = JSON.parse(text);
    if (path.endsWith("/schedules")) return result.schedules[0]?.cron;
    if (path.endsWith("/settings")) {
      return result.bindings.find(({ name }: { name: string }) => name === "V")?.text;
    }
    if (path.includes("/dns_records")) return result[0]?.content;
    return result.title ?? result.id;
  }
}

/** Any change, of a small world, so that the same thing is made, changed and removed again. */
function pickChange(witness: Witness, random: (below: number) => number, caller: number): Change {
  const number = random(1000);
  const values = `${account}/storage/kv/namespaces/${witness.namespace}/values`;
  const key = `key-${caller}-${random(5)}`;
  const script = `${account}/workers/scripts/worker-${caller}`;
  const json = (body: unknown) => JSON.stringify(body);
  const kind = random(100);
  if (kind < 45) {
    const path = `${values}/${key}`;
    return { method: "PUT", url: path, path, body: `${number}`, value: `${number}` };
  }
  if (kind < 60) {
    const path = `${values}/${key}`;
    return { method: "DELETE", url: path, path, body: undefined, value: undefined };
  }
  if (kind < 75) {
    // Two records of one name would be two facts: each call takes a name of its own.
    const name = `r${caller}-${number}-${random(1_000_000)}.example.com`;
    const url = `/zones/${witness.zone}/dns_records`;
    const content = `192.0.2.${random(255)}`;
    return {
      method: "POST",
      url,
      path: `${url}?name=${name}`,
      body: json({ type: "A", name, content }),
      value: content,
    };
  }
  if (kind < 92) {
    const path = `${script}/schedules`;
    const cron = `${random(60)} * * * *`;
    return { method: "PUT", url: path, path, body: json([{ cron }]), value: cron };
  }
  return {
    method: "PUT",
    url: script,
    path: `${script}/settings`,
    body: createUpload(`${number}`),
    value: `${number}`,
  };
}

function createUpload(text: string): FormData {
  const form = new FormData();
  const bindings = [{ type: "plain_text", name: "V", text }];
  form.set("metadata", JSON.stringify({ main_module: "a.js", bindings }));
  const code = "export default { fetch: (request, env) => new Response(env.V) }";
  form.set("a.js", new Blob([code], { type: "application/javascript+module" }), "a.js");
  return form;
}

/** Ends it as a power cut would: itself, or what runs the Workers as well. */
async function kill(program: Program, withRuntime: boolean): Promise<void> {
  const children = withRuntime ? await listDescendants(program.pid) : [];
  for (const id of [program.pid, ...children]) {
    try {
      process.kill(id, "SIGKILL");
    } catch (error) {
      // A runtime that a restart ended meanwhile.
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    }
  }
  await program.end();
}

test(
  "whatever was answered is there after `kill -9`, and the store opens",
  async () => {
    let kills = 0;
    let answered = 0;
    const once = async (seed: number, after: number, withRuntime: boolean) => {
      await using checkout = await makeFixtureCheckout();
      const witness = new Witness();
      const random = createRandom(seed);
      {
        await using first = checkout.startCloud("--seed-zone", zones.join());
        witness.origin = await waitUntilReady(first);
        witness.token = await checkout.readCloudToken();
        await prepare(witness);
        let left = calls;
        const work = async (caller: number) => {
          while (left > 0) {
            left -= 1;
            await witness.make(pickChange(witness, random, caller));
          }
        };
        const working = Promise.allSettled(
          Array.from({ length: callers }, (_, index) => work(index)),
        );
        while (witness.answered < after && left > 0) {
          await new Promise((resolve) => setTimeout(resolve, 1));
        }
        await kill(first, withRuntime);
        await working;
        kills += 1;
      }
      await using second = checkout.startCloud();
      witness.origin = await waitUntilReady(second);
      expect(await witness.findLosses()).toEqual([]);
      answered += witness.answered;
    };
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.integer({ min: 1, max: calls - callers }), fc.boolean(), once),
      { numRuns: sample(4, 40), endOnFailure: true },
    );
    console.log(`${kills} kills, ${answered} answered calls, none lost`);
  },
  sample(storyTime, 10 * storyTime),
);

/** A namespace, and a Worker for each caller, which later calls change. */
async function prepare(witness: Witness): Promise<void> {
  const made = await witness.call(
    "POST",
    `${account}/storage/kv/namespaces`,
    JSON.stringify({ title: "kill" }),
  );
  witness.namespace = JSON.parse(await made.text()).result.id;
  const found = await witness.call("GET", `/zones?name=${zones.join()}`);
  witness.zone = JSON.parse(await found.text()).result[0].id;
  for (let caller = 0; caller < callers; caller += 1) {
    const url = `${account}/workers/scripts/worker-${caller}`;
    const body = createUpload("first");
    await witness.make({ method: "PUT", url, path: `${url}/settings`, body, value: "first" });
  }
}
