// Writes docs/configuration.md from the schema of the environment variables.
// Usage: npm exec -- node scripts/generate-configuration-docs.mjs
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';

// The schema is TypeScript, and imports libraries by the condition that names their sources.
const rendering = spawnSync(
  process.execPath,
  [
    '--conditions=@countersign/source',
    '--import=@oxc-node/core/register',
    '--input-type=module',
    '--eval',
    `import { renderConfigurationDocs } from './apps/server/src/config/render-configuration-docs.ts';
     process.stdout.write(renderConfigurationDocs());`,
  ],
  { cwd: new URL('..', import.meta.url), encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] },
);
if (rendering.status !== 0) process.exit(1);
writeFileSync(new URL('../docs/configuration.md', import.meta.url), rendering.stdout);
