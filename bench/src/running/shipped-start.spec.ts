import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { shippedStart } from './shipped-start.js';

describe('the way in which Node is started', () => {
  it('is the same by npm and in the image, but for the source maps there', () => {
    const dockerfile = readFileSync(new URL('../../../Dockerfile', import.meta.url), 'utf8');
    const [, entrypoint = ''] = /^ENTRYPOINT (.*)$/m.exec(dockerfile) ?? [];
    const { nodeFlags, env } = shippedStart();
    expect(nodeFlags).not.toEqual([]);
    expect(JSON.parse(entrypoint)).toEqual([
      'node',
      ...nodeFlags,
      '--enable-source-maps',
      'apps/server/dist/main.js',
    ]);
    for (const [name, value] of Object.entries(env)) {
      expect(dockerfile).toContain(`${name}=${value} `);
    }
  });
});
