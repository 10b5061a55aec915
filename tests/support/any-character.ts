import * as fc from "fast-check";

/** UTF-16 pairs characters by these code points, which are none by themselves. */
const surrogates = { first: 0xd800, count: 0x800 };

/**
 * Any Unicode character, as the unit of `fc.string`. That is fast-check's own `binary`, which however writes down all
 * 1.1 million of them first: more than a second in each process.
 */
export const anyCharacter: fc.Arbitrary<string> = fc.nat(0x10ffff - surrogates.count).map(
  (index) => String.fromCodePoint(index < surrogates.first ? index : index + surrogates.count),
  (value) => {
    const [character, ...more] = typeof value === "string" ? value : [];
    if (character === undefined || more.length > 0 || !character.isWellFormed()) {
      throw new Error("Not one character.");
    }
    const code = character.codePointAt(0) ?? 0;
    return code < surrogates.first ? code : code - surrogates.count;
  },
);
