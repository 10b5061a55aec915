import { InvalidArgumentError } from "commander";

/** Milliseconds of each unit. */
const units = { h: 3_600_000, d: 86_400_000, w: 7 * 86_400_000 } as const;

/** Longest lifetime, in milliseconds: what lives longer is no preview. */
const longest = 90 * units.d;

/**
 * Reads how long a preview lives without a push: `36h`, `7d`, `2w`.
 * @returns milliseconds.
 * @throws InvalidArgumentError for anything else, and for less than an hour or more than 90 days.
 */
export function parseLifetime(text: string): number {
  const [, amount, unit] = /^(\d{1,4})([hdw])$/.exec(text) ?? [];
  const milliseconds = Number(amount) * units[(unit ?? "d") as keyof typeof units];
  if (milliseconds > 0 && milliseconds <= longest) return milliseconds;
  throw new InvalidArgumentError(
    `"${text}" is no lifetime: give hours, days or weeks, as 36h, 7d or 2w, up to 90d.`,
  );
}
