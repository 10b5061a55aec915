import type { KVNamespace } from "@cloudflare/workers-types";
import * as z from "zod";
import { toDay } from "../clients/client-facts.ts";
import type { GateMemory } from "./gate-memory.ts";
import { layerKv } from "./kv-layer.ts";
import { noteReplaced } from "./replaced-tokens.ts";
import { markRotated } from "./report-use.ts";
import { findGrantOfKey } from "./well-formed-token.ts";
import { isTooSoon, writePatiently, writePause } from "./write-patiently.ts";

/**
 * Milliseconds for which a gate remembers what it wrote. Workers KV shows a new key elsewhere after a
 * minute "or more", and remembers for as long that a key was not there.
 */
export const memoryTime = 120_000;

/** What a grant's record must have for its day of use to be noted in it. */
const grantRecord = z.looseObject({ metadata: z.unknown() });

/** How a gate's view of KV differs from request to request. */
interface GateView {
  /** Milliseconds for which a deleted grant or token cannot come back, nor a redeemed code. */
  readonly tombstoneTime: number;
  /**
   * A refresh may bring new tokens of the server that signs people in, and the old ones are worth nothing
   * then: what KV did not take is still remembered, so that the client's next try continues from it.
   */
  readonly isRefresh: boolean;
  /**
   * Whether the grant is only held until its token is written, too, so that both are stored together. Whoever asks
   * for it stores what is held (`GateMemory.store`) before anybody has an answer. Never in a refresh: what that brings
   * must outlast a stop in between.
   */
  readonly holdsGrant: boolean;
}

/**
 * The KV namespace as one gate sees it: its own writes and deletes first, which KV may show late.
 * Everything else, such as records of clients, is as in KV.
 */
export function rememberWrites(
  kv: KVNamespace,
  memory: GateMemory,
  { tombstoneTime, isRefresh, holdsGrant }: GateView,
): KVNamespace {
  /** What KV still has to take is remembered for longer than what it has instead: a code that was not redeemed. */
  const findTime = async (isGrant: boolean) =>
    isGrant && (await memory.findPostponed()) !== undefined ? tombstoneTime : memoryTime;
  return layerKv(kv, {
    async get(key, below) {
      if (findGrantOfKey(key) === undefined) return below();
      if (await memory.isEnded()) return null;
      const row = await memory.read(key);
      return row === undefined ? below() : row.value;
    },
    async put(key, value, options, below) {
      if (findGrantOfKey(key) === undefined) return below(value);
      if (await memory.isEnded()) throw new Error("This grant was ended.");
      const isGrant = key.startsWith("grant:");
      const noted = isGrant ? noteUse(value) : value;
      const record = isRefresh ? noteRotation(key, noted) : noted;
      const isHeld = holdsGrant && isGrant;
      // The record was written when the code was made. A client that redeems the code at once need not wait for KV.
      const isPostponed = (error: unknown) => isHeld && isTooSoon(error);
      // KV first: what it refuses is not remembered, and the library says "try again".
      try {
        await writePatiently(() => below(record), isPostponed);
        if (isGrant) await memory.dropPostponed();
      } catch (error) {
        if (isRefresh && isGrant) await memory.write(key, record, await findTime(isGrant));
        if (!isPostponed(error)) throw error;
        await memory.postpone({ key, options }, writePause);
      }
      const time = await findTime(isGrant);
      if (isHeld) await memory.hold(key, record, time);
      else await memory.write(key, record, time);
    },
    async delete(key, below) {
      // The tombstone first: whatever fails after it, the grant stays ended.
      if (key.startsWith("grant:")) await memory.end(tombstoneTime);
      else if (findGrantOfKey(key)) await memory.write(key, null, tombstoneTime);
      await below();
    },
    async list({ prefix, cursor }, below) {
      const page = await below();
      const { kept, deleted } = await memory.list(prefix ?? "");
      const keys = page.keys.filter(({ name }) => !deleted.includes(name));
      const names = new Set(keys.map(({ name }) => name));
      // On the first page only, or each page would repeat them.
      const more = cursor ? [] : kept.filter((name) => !names.has(name));
      return { ...page, keys: [...keys, ...more.map((name) => ({ name }))] };
    },
  });
}

/** Marks a record that a refresh writes. */
function noteRotation(key: string, value: string): string {
  return key.startsWith("grant:") ? noteReplaced(value) : markRotated(value);
}

/** Notes in a grant the day of its use (UTC), in a write that a token causes anyway. */
function noteUse(value: string): string {
  const grant = grantRecord.parse(JSON.parse(value));
  const metadata = typeof grant.metadata === "object" ? grant.metadata : {};
  const lastUsed = toDay(Date.now());
  return JSON.stringify({ ...grant, metadata: { ...metadata, lastUsed } });
}
