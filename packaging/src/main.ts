import path from 'node:path';
import { packPackage } from './pack-package.js';
import { PUBLISHED_PACKAGES, ROOT } from './published-packages.js';

// `npm run pack`: a tarball of each published package, in the folder that is given or in `dist/`.
const into = path.resolve(process.argv[2] ?? path.join(ROOT, 'dist'));
for (const name of PUBLISHED_PACKAGES) console.log(await packPackage(name, into));
