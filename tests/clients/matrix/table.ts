/** One way of one client to connect, in words. */
export interface Row {
  readonly client: string;
  readonly endpoint: string;
  readonly registration: string;
  readonly authorization: string;
  readonly token: string;
  readonly opening: string;
  readonly list: string;
  readonly call: string;
  readonly note: string;
}

/** The columns of the table of recorded clients. */
export const columns: readonly (readonly [keyof Row, string])[] = [
  ["client", "Client"],
  ["endpoint", "Endpoint"],
  ["registration", "Registration"],
  ["authorization", "Authorization: scopes"],
  ["token", "Token: method"],
  ["opening", "Opening"],
  ["list", "List"],
  ["call", "Call"],
  ["note", "What is special"],
];

/** The rows as a table of Markdown. */
export function toTable<Row>(
  columns: readonly (readonly [keyof Row, string])[],
  rows: readonly Row[],
): string {
  const cells = [
    columns.map(([, title]) => title),
    ...rows.map((row) => columns.map(([name]) => String(row[name]))),
  ];
  const widths = columns.map((_, index) =>
    Math.max(...cells.map((line) => line[index]?.length ?? 0)),
  );
  const toLine = (line: readonly string[]) =>
    `| ${line.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join(" | ")} |`;
  const [head = [], ...body] = cells;
  const rule = `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`;
  return [toLine(head), rule, ...body.map(toLine)].join("\n");
}
