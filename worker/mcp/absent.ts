/** Levels of a message that can hold anything of the protocol. What is deeper is content, or rubbish. */
const deepest = 12;

/** Members that a library writes if it has one structure for all kinds of messages. */
const absentWhenNull = new Set(["method", "params", "result", "error"]);

/**
 * A message, or a batch of them, in which `null` means absent. Client libraries write each field they
 * have, with a value or not (`cursor`, `arguments`, `clientInfo.title`, `error` beside a result), and the
 * protocol's schemas know no null. Arguments of a tool stay as they are: there, null is a value. An `id`
 * of null is absent from what never has one, and stays on a request: without it that would be a
 * notification, and is not answered.
 */
export function dropNulls(message: unknown): unknown {
  if (Array.isArray(message)) return message.map(dropNulls);
  if (!isObject(message)) return message;
  const said = Object.entries(message).filter(
    ([name, value]) => value !== null || !absentWhenNull.has(name),
  );
  const { params, result, id, ...rest } = Object.fromEntries(said);
  return {
    ...rest,
    ...keep("id", id === null && hasNoId(rest) ? undefined : id),
    ...keep("params", clean(params, 1, rest.method === "tools/call" ? "arguments" : undefined)),
    ...keep("result", clean(result, 1)),
  };
}

/** Why a message, or one of a batch, cannot be answered, as a sentence; undefined if it can. */
export function findMissingId(message: unknown): string | undefined {
  const isLost = [message]
    .flat()
    .some((one) => isObject(one) && "method" in one && one.id === null);
  return isLost
    ? "The id of a request is null. Give it one that is a string or a number, and send it again."
    : undefined;
}

/** A notification, and an error that belongs to no request (JSON-RPC 2.0 section 5). */
function hasNoId({ method, error }: Readonly<Record<string, unknown>>): boolean {
  if (method === undefined) return error !== undefined;
  return typeof method === "string" && method.startsWith("notifications/");
}

/** @param opaque the member whose inside is left alone. */
function clean(value: unknown, depth: number, opaque?: string): unknown {
  if (depth > deepest) return value;
  if (Array.isArray(value)) return value.map((item) => clean(item, depth + 1));
  if (!isObject(value)) return value ?? undefined;
  const kept = Object.entries(value).flatMap(([name, member]) => {
    if (member === null) return [];
    return [[name, name === opaque ? member : clean(member, depth + 1)] as const];
  });
  return Object.fromEntries(kept);
}

function keep(name: string, value: unknown): Record<string, unknown> {
  return value === undefined ? {} : { [name]: value };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
