import { describe, expect, it } from '@jest/globals';
import { packedManifest } from './packed-manifest.js';

const workspace = {
  name: '@countersign/client',
  version: '1.2.3',
  private: true,
  license: 'Apache-2.0',
  engines: { node: '>=20.19.0' },
  sideEffects: false,
  exports: {
    '.': {
      '@countersign/source': './src/index.ts',
      types: './dist/index.d.ts',
      default: './dist/index.js',
    },
    './testing': {
      '@countersign/source': './src/testing/index.ts',
      types: './dist/testing/index.d.ts',
      default: './dist/testing/index.js',
    },
  },
  scripts: { start: 'node .' },
  dependencies: { '@countersign/verify': '1.2.3' },
  devDependencies: { express: '^5.0.0' },
  peerDependencies: { express: '^4.17.0 || ^5.0.0' },
};

describe('packedManifest', () => {
  it('answers import and require, each with declarations of its own kind', () => {
    expect(packedManifest(workspace)['exports']).toEqual({
      '.': {
        import: { types: './dist/index.d.mts', default: './dist/index.mjs' },
        require: { types: './dist/index.d.cts', default: './dist/index.cjs' },
      },
      './testing': {
        import: { types: './dist/testing.d.mts', default: './dist/testing.mjs' },
        require: { types: './dist/testing.d.cts', default: './dist/testing.cjs' },
      },
      './package.json': './package.json',
    });
  });

  it("keeps what a user needs to install it, and nothing that is the workspace's own", () => {
    const { exports: _, main: __, module: ___, types: ____, ...rest } = packedManifest(workspace);
    expect(rest).toEqual({
      name: '@countersign/client',
      version: '1.2.3',
      license: 'Apache-2.0',
      type: 'module',
      engines: { node: '>=20.19.0' },
      sideEffects: false,
      files: ['dist'],
      dependencies: { '@countersign/verify': '1.2.3' },
      peerDependencies: { express: '^4.17.0 || ^5.0.0' },
    });
  });

  it('refuses a workspace that exports what is not built of its sources', () => {
    const source = './test/index.ts';
    const exports = { '.': { '@countersign/source': source, types: './dist/index.d.ts' } };
    expect(() => packedManifest({ ...workspace, exports })).toThrow(/exports \. from/);
  });
});
