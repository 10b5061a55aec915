import * as z from "zod";
import {
  type MethodName,
  type MethodSecrets,
  type MethodSettings,
  methodNames,
  methods,
} from "../worker/identity/index.ts";

/** The settings of each identity method, as its own file in `worker/identity/` declares them. */
export const declarations = methodNames.map((name) => ({ name, ...methods[name].declaration }));

export type Declaration = (typeof declarations)[number];

/** @param name of a method. */
export function findDeclaration(name: MethodName): Declaration {
  return { name, ...methods[name].declaration };
}

/** The plain settings of all methods. Each is optional here: a stack has those of its own method. */
export const methodSettings = Object.fromEntries(
  declarations.flatMap(({ settings }) =>
    Object.entries<z.ZodType>(settings).map(([name, field]) => [
      name,
      // What wraps a field does not take over what is said of it.
      field.optional().meta(z.globalRegistry.get(field) ?? {}),
    ]),
  ),
) as { [Name in keyof MethodSettings]: z.ZodOptional<MethodSettings[Name]> };

/** The secret settings of all methods. */
export const methodSecrets = Object.assign(
  {},
  ...declarations.map(({ secrets }) => secrets),
) as MethodSecrets;
