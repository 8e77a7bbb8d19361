import { VARIABLE_NAMES, type VariableName, variables } from './variables.js';

const INTRODUCTION = `# Configuration

Everything is set by environment variables. A wrong value, a variable that is set but empty, and an
unknown \`COUNTERSIGN_…\` variable stop the start, with one sentence for each. Values are never repeated
in an error or a log.

This page is made from the schema that reads them (\`apps/server/src/config/variables.ts\`) by
\`npm exec -- node scripts/generate-configuration-docs.mjs\`; a test fails when it is out of date.

`;

const HEADER = ['variable', 'when it is not set', 'what it does'] as const;

type Row = readonly [name: string, whenUnset: string, description: string];

/** The text of `docs/configuration.md`. */
export function renderConfigurationDocs(): string {
  const rows: readonly Row[] = [HEADER, ...VARIABLE_NAMES.map(describe)];
  // Padded as the formatter would have it, so that formatting leaves the page as it is.
  const widths = HEADER.map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  const [header, ...lines] = rows.map((row) =>
    row.map((cell, column) => cell.padEnd(widths[column] ?? 0)),
  );
  const rule = widths.map((width) => '-'.repeat(width));
  return `${INTRODUCTION}${[header ?? [], rule, ...lines].map(line).join('')}`;
}

function line(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |\n`;
}

function describe(name: VariableName): Row {
  const schema = variables.shape[name];
  const { description, whenUnset } = schema.meta() ?? {};
  if (description === undefined) throw new Error(`${name} has no description`);
  if (typeof whenUnset === 'string') return [`\`${name}\``, whenUnset, description];
  const fallback = 'defaultValue' in schema.def ? schema.def.defaultValue : undefined;
  if (typeof fallback !== 'string' && typeof fallback !== 'number') {
    throw new TypeError(`${name} does not say what a missing one means`);
  }
  return [`\`${name}\``, `\`${fallback}\``, description];
}
