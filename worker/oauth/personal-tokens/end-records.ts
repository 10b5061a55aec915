import type { KVNamespace } from "@cloudflare/workers-types";
import { layerKv } from "../gate/kv-layer.ts";
import { findRecordKey } from "./record-key.ts";

/**
 * A KV namespace in which the grant of a personal token goes with what its calls need, whoever ends it: its
 * person, an operator or the clean-up. What opens something goes first.
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
