import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  CHECK_NAMES,
  DECISION_FAILURES,
  evaluationRequest,
  evaluationResponse,
  verifyRequest,
  verifyResponse,
} from '@countersign/contracts';
import { describe, expect, it } from '@jest/globals';

const DOCS = join(import.meta.dirname, '../../../../../docs');

function read(name: string): string {
  return readFileSync(join(DOCS, name), 'utf8');
}

/** The JSON after the comment that names it. */
function example(text: string, name: string): unknown {
  const match = new RegExp(`<!-- ${name} -->\\s+\`\`\`json\\n([^]*?)\`\`\``).exec(text);
  return JSON.parse(match?.[1] ?? '');
}

describe('the documentation of decisions', () => {
  it.each([
    ['decision-api.md', verifyRequest, verifyResponse],
    ['authzen.md', evaluationRequest, evaluationResponse],
  ])('%s shows a request and an answer as they are', (name, request, response) => {
    const text = read(name);
    expect(request.safeParse(example(text, 'request')).error).toBeUndefined();
    expect(response.safeParse(example(text, 'answer')).error).toBeUndefined();
  });

  it('has every code, with its check, the gravest first', () => {
    const rows = [...read('decision-api.md').matchAll(/^\| `(\w+)` +\| `(\w+)` +\|/gm)];
    const documented = rows.map(([, check, code]) => ({ check, code }));
    expect(documented).toEqual(DECISION_FAILURES);
  });

  it('has every member of a request, and every check of an explanation', () => {
    const text = read('decision-api.md');
    for (const member of Object.keys(verifyRequest.shape))
      expect(text).toContain(`| \`${member}\``);
    for (const check of CHECK_NAMES) expect(text).toContain(`\`${check}\``);
  });
});
