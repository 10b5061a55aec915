import type { SqlStorage } from "@cloudflare/workers-types";

/** Facts that a database stores about itself, by name. */
export class Facts {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** A number; 0 if none was set. */
  readNumber(name: "bytes" | "touched_at"): number {
    return Number(this.#read(name) ?? 0);
  }

  /** Random bytes that belong to this database, made when first asked for. */
  readSecret(name: "cursor_secret"): ArrayBuffer {
    const kept = this.#read(name);
    if (kept instanceof ArrayBuffer) return kept;
    const secret = crypto.getRandomValues(new Uint8Array(32)).buffer;
    this.write(name, secret);
    return secret;
  }

  write(name: string, value: number | ArrayBuffer): void {
    this.#sql.exec("INSERT OR REPLACE INTO facts VALUES (?, ?)", name, value);
  }

  #read(name: string): ArrayBuffer | number | string | null | undefined {
    const rows = this.#sql.exec<{ value: ArrayBuffer | number | string | null }>(
      "SELECT value FROM facts WHERE name = ?",
      name,
    );
    return rows.toArray()[0]?.value;
  }
}
