import path from 'node:path';

/** The folders under `libs/` of what is published; each depends only on those before it. */
export const PUBLISHED_PACKAGES = [
  'contracts',
  'verify',
  'client',
  'nest',
  'express',
  'fastify',
  'hono',
] as const;

export type PublishedPackage = (typeof PUBLISHED_PACKAGES)[number];

/** The root of the repository. */
export const ROOT = path.resolve(import.meta.dirname, '../..');

/** The compiler of the repository. */
export const TYPESCRIPT = path.join(ROOT, 'node_modules/typescript/bin/tsc');

/** Where the workspace of a published package is. */
export function workspaceOf(name: PublishedPackage): string {
  return path.join(ROOT, 'libs', name);
}
