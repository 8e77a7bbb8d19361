import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { renderConfigurationDocs } from './render-configuration-docs.js';
import { VARIABLE_NAMES } from './variables.js';

const PAGE = new URL('../../../../docs/configuration.md', import.meta.url);

describe('docs/configuration.md', () => {
  it('should be what the schema says: npm exec -- node scripts/generate-configuration-docs.mjs', () => {
    expect(readFileSync(PAGE, 'utf8')).toBe(renderConfigurationDocs());
  });

  it('should have a row for every variable', () => {
    const rows = renderConfigurationDocs().match(/^\| `[A-Z0-9_]+` +\|.*\|$/gm);
    expect(rows).toHaveLength(VARIABLE_NAMES.length);
  });
});
