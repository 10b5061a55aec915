import type { KVNamespace } from "@cloudflare/workers-types";
import { layerKv } from "../gate/kv-layer.ts";
import { findRecordKey } from "./record-key.ts";

/**
 * A KV namespace that deletes what a personal token's calls need together with its grant, whoever ends it: its
 * person, an operator or the clean-up. The record that gives access goes first.
 */
export function endRecords(kv: KVNamespace): KVNamespace {
  return layerKv(kv, {
    async delete(key, below) {
      const record = findRecordKey(key);
      if (record !== undefined) await kv.delete(record);
      await below();
    },
  });
}
