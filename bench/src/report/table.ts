/** A table of the report: the first column names, the others hold figures. */
export interface Table {
  readonly title: string;
  /** A heading may have several lines. */
  readonly columns: readonly string[];
  /** Headings over several columns each, from the second column on. */
  readonly groups?: readonly Group[];
  readonly rows: readonly (readonly string[])[];
  /** What has to be known to read the figures. */
  readonly notes: readonly string[];
}

interface Group {
  readonly heading: string;
  readonly columns: number;
}

const GAP = '  ';

/** Aligns a table for a terminal. */
export function renderTable({ title, columns, groups = [], rows, notes }: Table): string {
  const headings = headingLines(columns);
  const widths = columns.map((_, at) =>
    Math.max(...[...headings, ...rows].map((row) => (row[at] ?? '').length)),
  );
  widenFor(groups, widths);
  return [
    title,
    '',
    ...groupLines(groups, widths),
    ...headings.map((row) => renderRow(row, widths)),
    '-'.repeat(widthOf(widths)),
    ...rows.map((row) => renderRow(row, widths)),
    ...notes.map((note) => `* ${note}`),
    '',
  ].join('\n');
}

function headingLines(columns: readonly string[]): string[][] {
  const headings = columns.map((column) => column.split('\n'));
  const height = Math.max(...headings.map((lines) => lines.length));
  // Short headings stand on the last line, next to their figures.
  return Array.from({ length: height }, (_, line) =>
    headings.map((lines) => lines[line - (height - lines.length)] ?? ''),
  );
}

function widenFor(groups: readonly Group[], widths: number[]): void {
  let first = 1;
  for (const { heading, columns } of groups) {
    const lack = heading.length - widthOf(widths.slice(first, first + columns));
    if (lack > 0) widths[first] = (widths[first] ?? 0) + lack;
    first += columns;
  }
}

function groupLines(groups: readonly Group[], widths: readonly number[]): string[] {
  if (groups.length === 0) return [];
  let next = 1;
  const parts = groups.map(({ heading, columns }) =>
    heading.padStart(widthOf(widths.slice(next, (next += columns)))),
  );
  return [['', ...parts].join(GAP).padStart(widthOf(widths))];
}

function renderRow(row: readonly string[], widths: readonly number[]): string {
  return widths
    .map((width, at) =>
      at === 0 ? (row[at] ?? '').padEnd(width) : (row[at] ?? '').padStart(width),
    )
    .join(GAP)
    .trimEnd();
}

function widthOf(widths: readonly number[]): number {
  return widths.reduce((sum, width) => sum + width + GAP.length, -GAP.length);
}
