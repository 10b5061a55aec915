import type { GateMemory } from "./gate-memory.ts";
import type { Refresh } from "./replay.ts";

/** Milliseconds for which a rotation's answer is repeated in any case. */
export const replayTime = 60_000;

/**
 * Milliseconds for which it is repeated as long as nobody has used it: a night. A client whose answer got
 * lost has nothing but the old token, and a laptop that was closed in that moment asks the next morning.
 */
export const lostAnswerTime = 24 * 3_600_000;

const prefix = "replay:";

/** Key of a refresh token's rotation in the gate's storage. @param id of the token. */
export function toRotationKey(id: string): string {
  return `${prefix}${id}`;
}

/** The row of a rotation that has given no answer yet. */
const pending = "pending";

/** The state of a refresh token's rotation. */
export type Rotation =
  /** It began, and nobody got an answer: KV failed, or the object was stopped in the middle. */
  | { readonly kind: "pending" }
  /** Its answer, sealed, and how many milliseconds ago it was given. */
  | { readonly kind: "answered"; readonly sealed: string; readonly age: number };

/**
 * The rotations of a grant's refresh tokens, in the gate's storage. A rotation is noted before it begins:
 * otherwise a token whose rotation broke off would look like one that was used twice.
 */
export class Rotations {
  readonly #memory: GateMemory;

  constructor(memory: GateMemory) {
    this.#memory = memory;
  }

  /** The rotation of a token; undefined if there was none, or its time is over. */
  async find({ id }: Refresh): Promise<Rotation | undefined> {
    const row = await this.#memory.read(toRotationKey(id));
    if (typeof row?.value !== "string") return undefined;
    if (row.value === pending) return { kind: "pending" };
    const [, sealed = ""] = row.value.split(" ");
    return { kind: "answered", sealed, age: Date.now() - row.at };
  }

  /** Notes that a rotation begins. */
  begin({ id }: Refresh): Promise<void> {
    return this.#memory.write(toRotationKey(id), pending, lostAnswerTime);
  }

  /** Undoes `begin`: the request was refused, and rotated nothing. */
  cancel({ id }: Refresh): Promise<void> {
    return this.#memory.forget(toRotationKey(id));
  }

  /** Keeps the answer before it is given. Whoever sends the token has got the answer before, so that one was used. */
  async keep(refresh: Refresh, answer: string): Promise<void> {
    const { sealed, accessId } = await refresh.seal(answer);
    await this.#memory.shorten((key) => key.startsWith(prefix), replayTime);
    await this.#memory.write(toRotationKey(refresh.id), `${accessId} ${sealed}`, lostAnswerTime);
  }

  /** Notes that an access token was used: its answer has arrived. @param accessId id of the token. */
  noteUse(accessId: string): Promise<void> {
    return this.#memory.shorten(
      (key, value) => key.startsWith(prefix) && value?.split(" ")[0] === accessId,
      replayTime,
    );
  }
}
