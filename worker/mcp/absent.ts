/** Levels below a message at which anything of the protocol stands. Deeper is content, and rubbish. */
const deepest = 12;

/**
 * A message, or a batch of them, in which `null` means absent. Client libraries write each field they
 * have, with a value or not (`cursor`, `arguments`, `clientInfo.title`), and the protocol's schemas know
 * no null. Arguments of a tool stay as they are: there, null is a value. An `id` of null stays, too:
 * without it a wrong request would be a notification.
 */
export function dropNulls(message: unknown): unknown {
  if (Array.isArray(message)) return message.map(dropNulls);
  if (!isObject(message)) return message;
  const { params, result, ...rest } = message;
  return {
    ...rest,
    ...keep("params", clean(params, 1, rest.method === "tools/call" ? "arguments" : undefined)),
    ...keep("result", clean(result, 1)),
  };
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
