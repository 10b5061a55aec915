import type { Measured, MeasuredFigure, Spread } from "./measured.ts";

/** A number as people read it: three digits that count. */
export function toWords(value: number): string {
  const size = Math.abs(value);
  const digits = Number.isInteger(value) || size >= 100 ? 0 : size >= 10 ? 1 : 2;
  return value.toLocaleString("en-US", {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
}

/** Median, and how far the rounds lie apart. */
export function toSpreadWords({ median, min, max }: Spread): string {
  const [middle, least, most] = [median, min, max].map(toWords);
  return least === most ? `${middle}` : `${middle} (${least} to ${most})`;
}

/** A figure as rows of text, its title and the contestants in the first. */
export function toRows(
  { title, metrics }: MeasuredFigure,
  titles: Readonly<Record<string, string>>,
): string[][] {
  const all = Object.values(metrics);
  const names = Object.keys(titles).filter((name) => all.some(({ values }) => name in values));
  return [
    [title, ...names.map((name) => titles[name] ?? name)],
    ...all.map((metric) => [
      toLabel(metric),
      ...names.map((name) => {
        const found = metric.values[name];
        return found === undefined ? "" : toSpreadWords(found);
      }),
    ]),
  ];
}

function toLabel({ label, unit }: Measured): string {
  // "calls a second" says already what it is counted in.
  return unit === "" || unit === "a second" ? label : `${label}, ${unit}`;
}
