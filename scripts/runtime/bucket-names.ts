import { createHash, createHmac, randomBytes } from "node:crypto";
import { mkdir, readdir, readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import { replaceFile } from "../../infra/replace-file.ts";
import { hasCode } from "../errors.ts";
import type { WorkerSpec } from "./worker-spec.ts";

/** Name of the Durable Object class in which miniflare keeps the list of a bucket's objects. */
const objectClass = "miniflare-R2BucketObject";

/**
 * Names of R2 buckets in a runtime. miniflare serves every object at
 * `/cdn-cgi/local/r2/public/<bucket>/<key>` to whoever reaches the runtime's port, and no option ends that; so a
 * bucket's name there holds a secret of the folder that keeps its objects.
 */
export class BucketNames {
  readonly #directory: string | undefined;
  #key: string | undefined;

  /** @param directory folder of what Workers store; without one nothing is kept, the secret neither. */
  constructor(directory: string | undefined) {
    this.#directory = directory;
  }

  /** Makes the names of the buckets that these Workers have, and moves objects that are kept under a plain name. */
  async prepare(specs: readonly WorkerSpec[]): Promise<(bucket: string) => string> {
    const buckets = specs.flatMap(({ bindings }) =>
      bindings.flatMap((each) => (each.type === "r2_bucket" ? [each.bucketName] : [])),
    );
    const names = new Map<string, string>();
    for (const bucket of new Set(buckets)) {
      this.#key ??= await this.#readKey();
      const name = createHmac("sha256", this.#key).update(bucket).digest("hex");
      await this.#move(bucket, name);
      names.set(bucket, name);
    }
    return (bucket) => names.get(bucket) ?? bucket;
  }

  async #readKey(): Promise<string> {
    const made = randomBytes(32).toString("base64url");
    if (this.#directory === undefined) return made;
    const file = join(this.#directory, "r2.key");
    try {
      return await readFile(file, "utf8");
    } catch (error) {
      if (!hasCode(error, "ENOENT")) throw error;
    }
    await mkdir(this.#directory, { recursive: true, mode: 0o700 });
    await replaceFile(file, made, { mode: 0o600 });
    return made;
  }

  /** Moves a bucket that an earlier version kept under its plain name: its bytes, then the list of its objects. */
  async #move(from: string, to: string): Promise<void> {
    if (this.#directory === undefined) return;
    const folder = join(this.#directory, "r2");
    await move(join(folder, from), join(folder, to));
    const lists = join(folder, objectClass);
    const files = await readdir(lists).catch(() => []);
    const list = toObjectId(from);
    for (const file of files.filter((each) => each.startsWith(`${list}.`))) {
      await move(join(lists, file), join(lists, file.replace(list, toObjectId(to))));
    }
  }
}

async function move(from: string, to: string): Promise<void> {
  await rename(from, to).catch((error: unknown) => {
    if (!hasCode(error, "ENOENT")) throw error;
  });
}

/** The id that workerd makes of a Durable Object's name, as miniflare computes it for its own moves. */
function toObjectId(name: string): string {
  const key = createHash("sha256").update(objectClass).digest();
  const sign = (data: string | Buffer) =>
    createHmac("sha256", key).update(data).digest().subarray(0, 16);
  const first = sign(name);
  return Buffer.concat([first, sign(first)]).toString("hex");
}
