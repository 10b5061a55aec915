import * as z from "zod";
import type { WorkerSettings } from "../env.ts";
import * as access from "./access.ts";
import * as demo from "./demo.ts";
import * as github from "./github.ts";
import type { IdentityMethod } from "./identity.ts";
import * as oidc from "./oidc.ts";

/** Every identity method, each a file: what a stack is told about it, and how it signs people in. */
export const methods = { demo, github, oidc, access };

type Methods = typeof methods;

export type MethodName = keyof Methods;

/** All names, in the order in which they are documented. */
export const methodNames = Object.keys(methods) as [MethodName, ...MethodName[]];

type Declared<Name extends MethodName> = Methods[Name]["declaration"];

/** Values of a method's settings; `never` keys would forbid `method` beside them. */
type Values<Settings extends Readonly<Record<string, z.ZodType>>> = keyof Settings extends never
  ? unknown
  : Readonly<z.output<z.ZodObject<Settings>>>;

/** How people sign in to a stack, with what the method needs beside its secrets. */
export type IdentitySettings = {
  [Name in MethodName]: { readonly method: Name } & Values<Declared<Name>["settings"]>;
}[MethodName];

const schemas = methodNames.map((name) =>
  z.strictObject({ method: z.literal(name), ...methods[name].declaration.settings }),
);

/** Checks `IdentitySettings`. */
export const identitySettings: z.ZodType<IdentitySettings> = z.discriminatedUnion(
  "method",
  schemas as never,
) as never;

/** The identity method that the settings name. */
export function selectIdentity({ identity }: Pick<WorkerSettings, "identity">): IdentityMethod {
  return methods[identity.method].method;
}

/**
 * Who vouches for people in this stack. Whoever signed in under another authority is a different person
 * here: after a move to another issuer no cookie and no grant of the old one counts, even if
 * subject and email are the same.
 */
export function findAuthority(settings: Pick<WorkerSettings, "identity">): string {
  const method = selectIdentity(settings);
  return method.findAuthority?.(settings) ?? method.name;
}

type SettingsOf<Name extends MethodName> = Name extends MethodName
  ? Declared<Name>["settings"]
  : never;
type SecretsOf<Name extends MethodName> = Name extends MethodName
  ? Declared<Name>["secrets"]
  : never;
type Merge<Union> = (Union extends unknown ? (one: Union) => void : never) extends (
  all: infer All,
) => void
  ? { [Name in keyof All]: All[Name] }
  : never;

/** The plain settings of every method, by name. */
export type MethodSettings = Merge<SettingsOf<MethodName>>;

/** The secrets of every method, by the name of the setting. */
export type MethodSecrets = Merge<SecretsOf<MethodName>>;

/** Bindings of those secrets, each present only if the stack has the secret. */
export type MethodSecretBindings = {
  readonly [Name in MethodSecrets[keyof MethodSecrets]["binding"]]?: string;
};
