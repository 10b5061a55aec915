import { applyDefaults, type Input, type ResourceType } from "./resource-type.ts";
import { isValues, type Value, type Values } from "./values.ts";

/** A property in which what is wanted differs from what is there. */
export interface Difference {
  readonly property: string;
  readonly kind: "add" | "delete" | "update";
  readonly replaces: boolean;
}

/**
 * Compares what is there with what the program wants, by the rules of Terraform: a property that
 * the program leaves out is to go, unless Cloudflare may choose it.
 */
export function compare(type: ResourceType, state: Values, inputs: Values): Difference[] {
  const wanted = applyDefaults(type, inputs);
  return Object.entries(type.inputs).flatMap(([property, input]) => {
    const kind = compareProperty(input, state[property] ?? null, wanted[property] ?? null);
    const replaces = input.replaces === true || type.update === undefined;
    return kind === undefined ? [] : [{ property, kind, replaces }];
  });
}

/**
 * What an update leaves to Cloudflare. The real provider names it among the changes of every update,
 * whether it changes or not: it is unknown until then.
 */
export function listComputed(type: ResourceType, inputs: Values): string[] {
  const wanted = applyDefaults(type, inputs);
  const open = Object.entries(type.inputs)
    .filter(
      ([name, { isComputed, isComputedInside, replaces }]) =>
        isComputedInside || (isComputed && !replaces && (wanted[name] ?? null) === null),
    )
    .map(([name]) => name);
  const stable = type.stableOutputs ?? [];
  return [...open, ...type.outputs.filter((name) => !stable.includes(name))];
}

function compareProperty(
  input: Input,
  before: Value,
  after: Value,
): Difference["kind"] | undefined {
  if (after === null) return before === null || input.isComputed ? undefined : "delete";
  if (before === null) return "add";
  const isSame = input.isSet
    ? isEqual(input, sortItems(before), sortItems(after))
    : isEqual(input, before, after);
  return isSame ? undefined : "update";
}

function isEqual(input: Input, before: Value, after: Value): boolean {
  if (Array.isArray(before) && Array.isArray(after)) {
    return (
      before.length === after.length &&
      after.every((item, index) => isEqual(input, before[index] ?? null, item))
    );
  }
  if (!isValues(before) || !isValues(after)) return before === after;
  return Object.keys({ ...before, ...after }).every((name) => {
    const [old, wanted] = [before[name] ?? null, after[name] ?? null];
    if (wanted === null) return old === null || input.filledIn?.includes(name) === true;
    return isEqual(input, old, wanted);
  });
}

function sortItems(value: Value): Value {
  if (!Array.isArray(value)) return value;
  return value.toSorted((left, right) => (JSON.stringify(left) < JSON.stringify(right) ? -1 : 1));
}
