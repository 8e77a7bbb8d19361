/**
 * Who may import whom: the table of CONTRIBUTING.md, type imports included. Libraries are reached by
 * their barrel, through node_modules/@countersign; what is resolved there are the sources.
 */

const OURS = '^(libs|apps|migrations|examples|bench|packaging|torture)/';

// Frameworks and drivers that the libraries for every surrounding must never reach.
const FRAMEWORKS =
  '(^|/)node_modules/(@nestjs|@fastify|typeorm|pg|passport|passport-[a-z0-9-]+|fastify|express|hono|rxjs|reflect-metadata)(/|$)';

// Tests start what they test against; nothing that is shipped imports them.
const END_TO_END = '\\.e2e\\.ts$';
const TESTS = '(\\.spec\\.ts$|\\.e2e\\.ts$|^[^/]+/[^/]+/test/|^test/)';

/** What `folder` may import of ours: itself and `allowed`. */
function layer(folder, allowed) {
  return {
    name: `${folder.replace('/', '-')}-imports`,
    comment: `${folder} may import of ours only: ${allowed.join(', ') || 'nothing'}`,
    severity: 'error',
    from: { path: `^${folder}/`, pathNot: TESTS },
    to: { path: OURS, pathNot: [folder, ...allowed].map((name) => `^${name}/`) },
  };
}

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    layer('libs/contracts', []),
    layer('libs/verify', ['libs/contracts']),
    layer('libs/core', ['libs/contracts', 'libs/verify']),
    layer('migrations', []),
    layer('libs/embedded-postgres', []),
    layer('libs/persistence', ['libs/contracts', 'libs/core', 'migrations']),
    layer('libs/client', ['libs/contracts', 'libs/verify']),
    {
      name: 'adapter-imports',
      comment:
        'adapters for consuming services may import of ours only contracts, verify and client',
      severity: 'error',
      from: {
        path: '^libs/(?!(?:contracts|verify|core|persistence|client|embedded-postgres)/)([^/]+)/',
        pathNot: TESTS,
      },
      to: { path: OURS, pathNot: ['^libs/(contracts|verify|client)/', '^libs/$1/'] },
    },
    layer('apps/server', [
      'libs/contracts',
      'libs/verify',
      'libs/core',
      'libs/persistence',
      'libs/embedded-postgres',
      'migrations',
    ]),
    layer('apps/cli', ['libs/contracts', 'libs/client']),
    layer('apps/console', ['libs/contracts', 'libs/client']),
    {
      name: 'apps-are-leaves',
      comment: 'nothing imports an app but the app itself',
      severity: 'error',
      from: { path: '^(apps/[^/]+|libs|migrations|examples)/', pathNot: TESTS },
      to: { path: '^apps/', pathNot: '^$1/' },
    },
    {
      name: 'libraries-by-their-barrel',
      comment: "another workspace's inside is its own affair: import its index",
      severity: 'error',
      from: {
        path: '^((?:libs|apps)/[^/]+|migrations|examples|bench|packaging|torture)/',
        pathNot: END_TO_END,
      },
      to: {
        path: '^((libs|apps)/[^/]+|migrations)/',
        pathNot: ['^$1/', '^(libs/[^/]+|migrations)/(src|dist)/(testing/)?index\\.(ts|d\\.ts|js)$'],
      },
    },
    {
      name: 'not-by-a-path-out-of-the-workspace',
      comment: 'import @countersign/…, not ../../…: a relative path is not a declared dependency',
      severity: 'error',
      from: { path: '^((?:libs|apps)/[^/]+|migrations)/', pathNot: END_TO_END },
      to: { path: OURS, pathNot: '^$1/', dependencyTypes: ['local'] },
    },
    {
      name: 'no-framework-in-portable-libraries',
      comment:
        'contracts, verify, core and client run without Nest, Fastify, TypeORM, pg and passport',
      severity: 'error',
      from: { path: '^libs/(contracts|verify|core|client)/', pathNot: TESTS },
      to: { path: FRAMEWORKS },
    },
    {
      name: 'no-framework-by-a-detour',
      comment: 'nor do they reach them through somebody else',
      severity: 'error',
      from: { path: '^libs/(contracts|verify|core|client)/', pathNot: TESTS },
      to: { path: FRAMEWORKS, reachable: true },
    },
    {
      name: 'contracts-run-in-a-browser',
      comment: 'contracts must not need Node',
      severity: 'error',
      from: { path: '^libs/contracts/src/', pathNot: TESTS },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'no-circular',
      comment: 'break the circle: move what both need into a third file',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'tests-are-not-shipped',
      comment: 'sources must not import tests',
      severity: 'error',
      from: { path: OURS, pathNot: TESTS },
      to: { path: TESTS },
    },
    {
      name: 'not-to-unresolvable',
      comment: 'the import cannot be found',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'not-to-dev-dependencies',
      comment: 'what is shipped needs its imports among its dependencies, or among its peers',
      severity: 'error',
      from: { path: '^(libs|apps|migrations)/[^/]*/?.*src/', pathNot: TESTS },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only', 'npm-peer'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)dist/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.check.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['@countersign/source', 'node', 'import', 'require', 'types', 'default'],
      mainFields: ['module', 'main', 'types'],
    },
    skipAnalysisNotInRules: false,
  },
};
