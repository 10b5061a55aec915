const dayFormat = new Intl.DateTimeFormat("en-GB", { dateStyle: "long", timeZone: "UTC" });

/** A day in words. @param props.day as `2026-07-28`; a grant of another version may hold anything. */
export function Day({ day }: { readonly day: string }) {
  const date = new Date(day);
  const words = Number.isNaN(date.getTime()) ? day : dayFormat.format(date);
  return <time datetime={day}>{words}</time>;
}
