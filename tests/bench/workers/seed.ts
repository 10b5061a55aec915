/** Fills storage with copies of a grant and a client that somebody's login left there, and with values of a person. */
import type { DurableObjectNamespace, KVNamespace } from "@cloudflare/workers-types";
import type { WorkerEnv } from "../../../worker/env.ts";
import { listPeople } from "../../../worker/state/people.ts";
import { collections } from "../../fixture/tools/collections.ts";

interface Env {
  readonly OAUTH_KV: KVNamespace;
  readonly PEOPLE: DurableObjectNamespace;
}

/** Writes at once. */
const atOnce = 50;

export default {
  /** `GET /?to=100&person=<id>`: a hundred of each. */
  async fetch(request: Request, env: Env) {
    const { searchParams } = new URL(request.url);
    const to = Number(searchParams.get("to"));
    const copy = await createCopy(env.OAUTH_KV);
    const keep = createKeep(env, searchParams.get("person") ?? "");
    for (let start = 0; start < to; start += atOnce) {
      const numbers = Array.from({ length: Math.min(atOnce, to - start) }, (_, at) => start + at);
      await Promise.all(numbers.flatMap((number) => [...copy(number), keep(number)]));
    }
    return new Response("filled");
  },
};

async function createCopy(kv: KVNamespace): Promise<(number: number) => Promise<void>[]> {
  const grant = await findFirst(kv, "grant:");
  const client = await findFirst(kv, "client:");
  const [, userId = "", grantId = ""] = grant.key.split(":");
  const [, clientId = ""] = client.key.split(":");
  return (number) => {
    const own = `${number}`.padStart(6, "0");
    const rename = (text: string) =>
      [userId, grantId, clientId].reduce(
        (renamed, id) => renamed.replaceAll(id, own + id.slice(own.length)),
        text,
      );
    return [grant, client].map(({ key, value }) => kv.put(rename(key), rename(value)));
  };
}

async function findFirst(kv: KVNamespace, prefix: string): Promise<{ key: string; value: string }> {
  const { keys } = await kv.list({ prefix, limit: 1 });
  const key = keys[0]?.name;
  const value = key === undefined ? null : await kv.get(key);
  if (key === undefined || value === null) throw new Error(`Nobody has left a ${prefix} yet.`);
  return { key, value };
}

function createKeep({ PEOPLE }: Env, person: string): (number: number) => Promise<unknown> {
  const people = listPeople({ PEOPLE } as unknown as WorkerEnv);
  const storage = people.get(people.idFromName(person));
  return (number) => {
    const name = `value-${`${number}`.padStart(5, "0")}`;
    const value = JSON.stringify(`The value of number ${number}`);
    return storage.write(collections.values, name, value);
  };
}
