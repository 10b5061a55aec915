/** A module of a Worker's code. */
export interface Module {
  readonly name: string;
  readonly code: Buffer;
}

/**
 * Reads the answer that gives a Worker's code: a form with a part for each module, or the only module as
 * it is. The first of the list is the main one, which the answer names; else it is the first part.
 * @throws TypeError where the answer is cut off.
 */
export async function readModules(response: Response): Promise<Module[]> {
  const type = response.headers.get("content-type") ?? "";
  if (!type.startsWith("multipart/")) {
    return [{ name: "worker.js", code: Buffer.from(await response.arrayBuffer()) }];
  }
  const modules: Module[] = [];
  for (const [name, part] of await response.formData()) {
    const code =
      typeof part === "string" ? Buffer.from(part) : Buffer.from(await part.arrayBuffer());
    modules.push({ name, code });
  }
  const main = response.headers.get("cf-entrypoint");
  return modules.toSorted((one, other) => Number(other.name === main) - Number(one.name === main));
}
