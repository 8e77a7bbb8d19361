import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { lintTarball } from './lint-tarball.js';
import { packPackage } from './pack-package.js';
import { PUBLISHED_PACKAGES, ROOT, TYPESCRIPT, workspaceOf } from './published-packages.js';

// `npm run pack [-- folder]`: a tarball of each published package, in that folder or in `dist/`. With
// `--lint` also what is wrong with each, as a line of JSON.
const { values, positionals } = parseArgs({
  options: { lint: { type: 'boolean', default: false } },
  allowPositionals: true,
});
const into = path.resolve(positionals[0] ?? path.join(ROOT, 'dist'));
const compiled = spawnSync(
  process.execPath,
  [TYPESCRIPT, '-b', ...PUBLISHED_PACKAGES.map(workspaceOf)],
  { stdio: 'inherit' },
);
if (compiled.status !== 0) process.exit(1);
for (const name of PUBLISHED_PACKAGES) {
  const tarball = await packPackage(name, into);
  if (values.lint) console.log(JSON.stringify({ tarball, problems: await lintTarball(tarball) }));
  else console.log(tarball);
}
