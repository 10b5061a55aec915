import type { ScalarTag, Tags } from "yaml";

/**
 * What Pulumi takes a bare word for: the CLI reads YAML with go-yaml v3, which knows whole numbers of 64
 * bits, the octal numbers of YAML 1.1 (`010` is 8), underscores in numbers, and points in time
 * (`2026-07-01`), which YAML 1.2 does not.
 */
export const pulumiTags = (tags: Tags): Tags => [
  ...tags.filter((tag) => typeof tag === "string" || !/:(int|float)$/.test(tag.tag)),
  infinity,
  number,
];

/** Pulumi refuses these: there is no JSON for them. */
const infinity: ScalarTag = {
  default: true,
  tag: "tag:yaml.org,2002:float",
  test: /^([-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN))$/,
  resolve: (_text, onError) => {
    onError("is not a number that a setting can have");
    return 0;
  },
};

const number: ScalarTag = {
  identify: (value) => typeof value === "number" || typeof value === "bigint",
  default: true,
  tag: "tag:yaml.org,2002:int",
  test: /^[-+.0-9]/,
  stringify: ({ value }) => String(value),
  resolve: (text) => readTime(text) ?? readInteger(text) ?? readFraction(text) ?? text,
};

/** Source: `resolve.go` of go-yaml v3, which passes base 0 to Go's `strconv.ParseInt`. */
function readInteger(text: string): bigint | undefined {
  const plain = text.replaceAll("_", "");
  const [, sign, digits = ""] =
    /^([-+]?)(0[xX][\da-fA-F]+|0[bB][01]+|0[oO]?[0-7]+|0|[1-9]\d*)$/.exec(plain) ?? [];
  if (sign === undefined) return undefined;
  const size = BigInt(digits.replace(/^0o?(?=[0-7])/i, "0o"));
  const value = sign === "-" ? -size : size;
  // An unsigned one has no sign.
  const least = -(2n ** 63n);
  const most = sign === "" ? 2n ** 64n : 2n ** 63n;
  return value >= least && value < most ? value : undefined;
}

/** Source: the same. A word that begins with a point goes to Go's `strconv.ParseFloat` with its underscores. */
function readFraction(text: string): number | undefined {
  // That takes one between two digits.
  if (text.startsWith(".") && /(?<!\d)_|_(?!\d)/.test(text)) return undefined;
  const plain = text.replaceAll("_", "");
  if (!/^[-+]?(\.\d+|\d+(\.\d*)?)([eE][-+]?\d+)?$/.test(plain)) return undefined;
  const value = Number(plain);
  return Number.isFinite(value) ? value : undefined;
}

/** A point in time, as Go prints it: Pulumi hands it to the program so. */
function readTime(text: string): string | undefined {
  const found =
    /^(\d{4})-(\d\d?)-(\d\d?)(?:[Tt](\d\d?):(\d\d?):(\d\d?)(?:[.,](\d+))?(Z|[-+]\d\d:\d\d)| (\d\d?):(\d\d?):(\d\d?)(?:[.,](\d+))?)?$/.exec(
      text,
    );
  if (found === null) return undefined;
  const [year = 0, month = 0, day = 0] = found.slice(1, 4).map(Number);
  const [hour = 0, minute = 0, second = 0] = (
    found[4] === undefined ? found.slice(9, 12) : found.slice(4, 7)
  ).map((part) => Number(part ?? 0));
  const fraction = (found[7] ?? found[12] ?? "").slice(0, 9).replace(/0+$/, "");
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  const isReal = date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  if (!isReal || hour > 23 || minute > 59 || second > 59) return undefined;
  const offset = (found[8] ?? "Z").replace(":", "");
  const zone = /^(Z|[-+]0000)$/.test(offset) ? "+0000 UTC" : `${offset} ${offset}`;
  const two = (value: number) => String(value).padStart(2, "0");
  const time = `${two(hour)}:${two(minute)}:${two(second)}${fraction && `.${fraction}`}`;
  return `${found[1]}-${two(month)}-${two(day)} ${time} ${zone}`;
}
