/** The part of the page that is shown, from its address. */
export interface View {
  /** Opens it, if it came with the address. Undefined: it came in a header. */
  readonly token: string | undefined;
  /** Id of a KV namespace whose keys are listed. */
  readonly kv: string | undefined;
  /** Beginning of the keys that are listed. */
  readonly prefix: string;
  /** Where the list of keys continues. */
  readonly cursor: string | undefined;
  /** A key of that namespace whose value is shown. */
  readonly key: string | undefined;
  /** Number of a call whose bodies are shown. */
  readonly call: string | undefined;
  /** Text that the path of each listed call contains. */
  readonly find: string;
  readonly method: string;
  /** `failed`, or empty for all calls. */
  readonly outcome: string;
  /** Whether every remembered call is listed. */
  readonly all: boolean;
}

export function readView(query: URLSearchParams): View {
  const text = (name: string) => query.get(name) ?? "";
  const optional = (name: string) => query.get(name) ?? undefined;
  return {
    token: optional("token"),
    kv: optional("kv"),
    prefix: text("prefix"),
    cursor: optional("cursor"),
    key: optional("key"),
    call: optional("call"),
    find: text("find"),
    method: text("method"),
    outcome: text("outcome"),
    all: query.has("all"),
  };
}

/** Address of a view: the token, what is named here, and nothing else. @param anchor an id on the page. */
export function toAddress({ token }: View, wanted: Partial<View> = {}, anchor = ""): string {
  const query = new URLSearchParams();
  if (token !== undefined) query.set("token", token);
  for (const [name, value] of Object.entries(wanted)) {
    if (value === true) query.set(name, "yes");
    else if (typeof value === "string" && (value !== "" || name === "key")) query.set(name, value);
  }
  const search = query.size === 0 ? "" : `?${query}`;
  return `/${search}${anchor === "" ? "" : `#${anchor}`}`;
}

/** The part of a view that says which calls are listed. */
export function filterOf({ find, method, outcome, all }: View): Partial<View> {
  return { find, method, outcome, all };
}
