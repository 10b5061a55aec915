import { isValues, type Value, type Values } from "./values.ts";

/** How Pulumi marks a secret on the wire. Source: sdk/go/common/resource/sig/sig.go. */
const signatureKey = "4dabf18193072939515e22adb298388d";
const secretSignature = "1b47061264138c4ac30d75fd1eb44270";

/** Marks a value secret, so that the engine encrypts it in state and hides it on the screen. */
export function conceal(value: Value): Value {
  return isSecret(value) ? value : { [signatureKey]: secretSignature, value };
}

/** The value in the clear, however deep the secrets in it are. */
export function reveal(value: Value): Value {
  if (isSecret(value)) return reveal(value.value ?? null);
  if (Array.isArray(value)) return value.map(reveal);
  return isValues(value) ? revealAll(value) : value;
}

/** Properties in the clear. */
export function revealAll(values: Values): Values {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, reveal(value)]));
}

/** Whether a value is a secret or has one in it. */
export function holdsSecret(value: Value | undefined): boolean {
  if (isSecret(value)) return true;
  if (Array.isArray(value)) return value.some(holdsSecret);
  return isValues(value) && Object.values(value).some(holdsSecret);
}

/** Names of the properties that hold a secret. */
export function listSecrets(values: Values): string[] {
  return Object.keys(values).filter((name) => holdsSecret(values[name]));
}

/** Marks properties secret, each as a whole. */
export function concealSome(values: Values, names: Iterable<string>): Values {
  const secret = new Set(names);
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      name,
      secret.has(name) ? conceal(value) : value,
    ]),
  );
}

function isSecret(value: Value | undefined): value is Values {
  return isValues(value) && value[signatureKey] === secretSignature;
}
