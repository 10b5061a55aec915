import type * as cloudflare from "@pulumi/cloudflare";
import type * as pulumi from "@pulumi/pulumi";
import type { DeployedBinding } from "./deployed-worker.ts";

type ScriptBinding = cloudflare.types.input.WorkersScriptBinding;

/** Types whose value the API never gives back. */
const secretTypes: readonly string[] = ["secret_text", "secret_key"];

/**
 * Bindings that stay as the deployed Worker has them, because an upload drops what it does not name.
 * A secret is inherited from the version before. Whatever else can be read is declared as it is: an
 * inherited one would look changed after every refresh, which gives it its real type.
 * @param names those to keep; one that the Worker does not have is left out by Cloudflare.
 * @param declared the program's own, which win.
 */
export function keepBindings(
  names: readonly string[],
  declared: readonly { readonly name: pulumi.Input<string> }[],
  deployed: readonly DeployedBinding[],
): ScriptBinding[] {
  const own = new Set(declared.map(({ name }) => name));
  return [...new Set(names)]
    .filter((name) => !own.has(name))
    .map((name) => {
      const found = deployed.find((each) => each.name === name);
      if (found === undefined || secretTypes.includes(found.type)) return { name, type: "inherit" };
      const { json, ...rest } = found;
      const binding = toPulumi(rest) as unknown as ScriptBinding;
      return json === undefined ? binding : { ...binding, json: JSON.stringify(json) };
    });
}

/** Names as Pulumi writes them: `namespace_id` is `namespaceId`. What is null is not set. */
function toPulumi(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(toPulumi);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, member]) => member !== null && member !== undefined)
      .map(([key, member]) => [
        key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()),
        toPulumi(member),
      ]),
  );
}
