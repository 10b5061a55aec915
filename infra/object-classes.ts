import type { Cloudflare } from "cloudflare";

/** A Durable Object class of a Worker. */
export interface ObjectClass {
  /** Id of the namespace that holds its objects. */
  readonly id: string;
  readonly name: string;
}

/** The Durable Object classes of a deployed Worker; none where there is no such Worker. */
export async function listClasses(
  client: Cloudflare,
  accountId: string,
  scriptName: string,
): Promise<ObjectClass[]> {
  const classes: ObjectClass[] = [];
  // A list of the whole account's: Cloudflare has none for a Worker.
  for await (const namespace of client.durableObjects.namespaces.list({ account_id: accountId })) {
    const { id = "", class: name, script } = namespace;
    if (script === scriptName && name) classes.push({ id, name });
  }
  return classes;
}
