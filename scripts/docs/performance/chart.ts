import type { Performance, Spread } from "./measured.ts";
import { toWords } from "./words.ts";

/** A part of the chart: one metric of every contestant. */
interface Panel {
  readonly title: string;
  /** Which direction is better. */
  readonly note: string;
  readonly figure: string;
  readonly metric: string;
  readonly unit: string;
}

const panels: readonly Panel[] = [
  {
    title: "A warm tools/call, median",
    note: "ms, less is better",
    figure: "calls",
    metric: "legacy.1.p50",
    unit: "ms",
  },
  {
    title: "Calls a second, 16 in flight",
    note: "more is better",
    figure: "calls",
    metric: "legacy.16.rate",
    unit: "",
  },
  {
    title: "CPU of a call",
    note: "ms, less is better",
    figure: "calls",
    metric: "legacy.16.cpu",
    unit: "ms",
  },
  {
    title: "New client to its first answer",
    note: "ms, less is better",
    figure: "connect",
    metric: "wall",
    unit: "ms",
  },
  {
    title: "Memory of 1,000 further clients",
    note: "MB, less is better",
    figure: "memory",
    metric: "growth",
    unit: "MB",
  },
  {
    title: "The Worker's code after gzip",
    note: "KB, less is better",
    figure: "bundle",
    metric: "gzip",
    unit: "KB",
  },
];

/** Pixels. */
const width = 920;
const margin = 24;
const head = 58;
const columnGap = 32;
const panelHead = 30;
const panelGap = 24;
const rowHeight = 24;
const barHeight = 14;
const labelWidth = 112;
const valueWidth = 76;
const columnWidth = (width - 2 * margin - columnGap) / 2;
const barWidth = columnWidth - labelWidth - valueWidth;

const style = `
  text { font: 13px system-ui, "Segoe UI", Helvetica, Arial, sans-serif; fill: #1f2328; }
  .title { font-size: 18px; font-weight: 600; }
  .panel { font-weight: 600; }
  .note { fill: #59636e; }
  .own { font-weight: 600; }
  .bar { fill: #a9b4c2; }
  .bar.own { fill: #0969da; }
  .spread { stroke: #1f2328; stroke-width: 1; opacity: 0.6; }
  .paper { fill: #ffffff; }
  @media (prefers-color-scheme: dark) {
    text { fill: #f0f6fc; }
    .note { fill: #9198a1; }
    .bar { fill: #57606a; }
    .bar.own { fill: #4493f8; }
    .spread { stroke: #f0f6fc; }
    .paper { fill: #0d1117; }
  }`;

/** Draws the chart of docs/performance.md. @param measured undefined: nothing was measured yet. */
export function drawChart(measured: Performance | undefined): string {
  const drawn = panels.flatMap((panel) => {
    const values = measured?.figures[panel.figure]?.metrics[panel.metric]?.values;
    return values === undefined ? [] : [{ panel, values }];
  });
  const names = Object.keys(measured?.titles ?? {});
  const panelHeight = panelHead + names.length * rowHeight;
  const rows = Math.ceil(drawn.length / 2);
  const height = head + Math.max(0, rows * (panelHeight + panelGap) - panelGap) + margin;
  const parts = drawn.map(({ panel, values }, index) => {
    const x = margin + (index % 2) * (columnWidth + columnGap);
    const y = head + Math.floor(index / 2) * (panelHeight + panelGap);
    return drawPanel({ panel, values, titles: measured?.titles ?? {}, x, y });
  });
  const title =
    measured === undefined
      ? "Nothing was measured yet: npm run bench"
      : "This server beside what people use instead";
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escapeText(title)}">`,
    `<style>${style}\n</style>`,
    `<rect class="paper" width="${width}" height="${height}" rx="8"/>`,
    `<text class="title" x="${margin}" y="${margin + 12}">${escapeText(title)}</text>`,
    ...parts.flat(),
    "</svg>",
    "",
  ].join("\n");
}

interface DrawnPanel {
  readonly panel: Panel;
  readonly values: Readonly<Record<string, Spread>>;
  readonly titles: Readonly<Record<string, string>>;
  readonly x: number;
  readonly y: number;
}

function drawPanel({ panel, values, titles, x, y }: DrawnPanel): string[] {
  const most = Math.max(...Object.values(values).map(({ max }) => max), Number.MIN_VALUE);
  const toLength = (value: number) => Math.round((Math.max(0, value) / most) * barWidth * 10) / 10;
  const lines = Object.entries(titles).flatMap(([name, title], row) => {
    const top = y + panelHead + row * rowHeight;
    const base = top + barHeight - 2;
    const kind = name === "ours" ? " own" : "";
    const label = `<text class="label${kind}" x="${x}" y="${base}">${escapeText(title)}</text>`;
    const found = values[name];
    const start = x + labelWidth;
    if (found === undefined) {
      return [label, `<text class="note" x="${start}" y="${base}">does not apply</text>`];
    }
    const { median, min, max } = found;
    const middle = top + barHeight / 2;
    const [from, to] = [start + toLength(min), start + toLength(max)];
    const value = `${toWords(median)} ${panel.unit}`.trim();
    return [
      label,
      `<rect class="bar${kind}" x="${start}" y="${top}" width="${Math.max(1, toLength(median))}" height="${barHeight}" rx="2"/>`,
      ...(from === to
        ? []
        : [`<line class="spread" x1="${from}" y1="${middle}" x2="${to}" y2="${middle}"/>`]),
      `<text class="value${kind}" x="${Math.max(to, start + toLength(median)) + 8}" y="${base}">${escapeText(value)}</text>`,
    ];
  });
  return [
    `<text class="panel" x="${x}" y="${y + 14}">${escapeText(panel.title)} <tspan class="note">${escapeText(panel.note)}</tspan></text>`,
    ...lines,
  ];
}

function escapeText(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
