/** Writes a table of Markdown. Its columns are made even with the formatting. */
export function toTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const write = (row: readonly string[]) =>
    `| ${row.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [write(head), write(head.map(() => "---")), ...rows.map(write)].join("\n");
}
