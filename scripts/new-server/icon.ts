/** A letter as lines on a field of 32 by 32: a font would look different on every machine. */
const letters: Readonly<Record<string, string>> = {
  a: "M10 23 16 9l6 14M12.2 18h7.6",
  b: "M11 16h5.6a3.5 3.5 0 0 0 0-7H11v14h6a3.5 3.5 0 0 0 0-7",
  c: "M21.5 12a7 7 0 1 0 0 8",
  d: "M11 9v14h3.5a7 7 0 0 0 0-14z",
  e: "M21 9H11v14h10M11 16h8",
  f: "M21 9H11v14M11 16h8",
  g: "M21.3 11.5a7 7 0 1 0 1.7 5h-6",
  h: "M10.5 9v14M21.5 9v14M10.5 16h11",
  i: "M16 9v14M12.5 9h7M12.5 23h7",
  j: "M20 9v9.5a4.5 4.5 0 0 1-9 0",
  k: "M11 9v14M21 9 11 17.5M14.8 14.4 21.5 23",
  l: "M11 9v14h10",
  m: "M9.5 23V9l6.5 9 6.5-9v14",
  n: "M10.5 23V9l11 14V9",
  o: "M16 9a7 7 0 1 0 0 14 7 7 0 0 0 0-14z",
  p: "M11 23V9h6a4 4 0 0 1 0 8h-6",
  q: "M16 9a7 7 0 1 0 0 14 7 7 0 0 0 0-14zM18 18l4.5 5",
  r: "M11 23V9h6a4 4 0 0 1 0 8h-6M16 17l5.5 6",
  s: "M20.6 11.6C19.8 9.9 18.2 9 16 9c-2.6 0-4.4 1.4-4.4 3.5 0 4.6 9 2.4 9 7 0 2.1-1.9 3.5-4.6 3.5-2.4 0-4.2-1-5-2.8",
  t: "M9.5 9h13M16 9v14",
  u: "M10.5 9v8.5a5.5 5.5 0 0 0 11 0V9",
  v: "M10 9l6 14 6-14",
  w: "M8.5 9l3.8 14L16 13l3.7 10L23.5 9",
  x: "M10.5 9l11 14M21.5 9l-11 14",
  y: "M10 9l6 7.5L22 9M16 16.5V23",
  z: "M10.5 9h11l-11 14h11",
};

/**
 * A plain icon for a server, as SVG: the first letter of its name on a colour that follows from the name.
 * `{{title}}` becomes the title when it is served.
 */
export function writeIcon(name: string): string {
  const letter = name.charAt(0);
  const path = letters[letter];
  if (path === undefined) throw new Error(`"${name}" does not begin with a letter from a to z.`);
  const hue = [...name].reduce((sum, each) => (sum * 31 + each.charCodeAt(0)) % 360, 0);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><title>{{title}}</title><rect width="32" height="32" rx="8" fill="hsl(${hue} 60% 22%)"/><path d="${path}" fill="none" stroke="#f6efe2" stroke-width="3" stroke-linecap="round" stroke-linejoin="round"/></svg>
`;
}
