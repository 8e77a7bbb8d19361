/** @type {import('jest').Config} */
export default {
  // What ES modules of a file take is never given back. A worker that holds more than this is replaced
  // when it has ended a file; with a limit, Jest runs nothing in its own process, on two cores either.
  workerIdleMemoryLimit: '1GB',
  testMatch: ['**/src/**/*.spec.ts', '**/test/**/*.e2e.ts'],
  testPathIgnorePatterns: ['/node_modules/', '/dist/'],
  modulePathIgnorePatterns: ['/dist/'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: {
          target: 'es2023',
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true },
          keepClassNames: true,
        },
        module: { type: 'es6' },
        sourceMaps: 'inline',
      },
    ],
  },
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  globalSetup: '<rootDir>/test/postgres.global-setup.mjs',
  globalTeardown: '<rootDir>/test/postgres.global-teardown.mjs',
  // A bound on what hangs, not on what is slow: machines differ.
  testTimeout: 60_000,
  testEnvironment: 'node',
  testEnvironmentOptions: {
    customExportConditions: ['@countersign/source', 'node', 'node-addons'],
  },
};
