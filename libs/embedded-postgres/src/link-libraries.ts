import { lchownSync, mkdirSync, readlinkSync, rmSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import type { Account } from './choose-account.js';
import type { PostgresBinaries } from './find-binaries.js';

/**
 * Makes the links that the binaries' libraries need, in `folder`; cheap when they are there.
 *
 * @returns the library path to run the binaries with
 */
export function linkLibraries(
  folder: string,
  { libraries, libraryLinks }: PostgresBinaries,
  account: Account,
): string {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  lchownSync(folder, account.uid, account.gid);
  for (const [name, file] of libraryLinks) {
    const link = path.join(folder, name);
    if (readLink(link) === file) continue;
    rmSync(link, { force: true });
    symlinkSync(file, link);
  }
  return `${folder}:${libraries}`;
}

function readLink(link: string): string | undefined {
  try {
    return readlinkSync(link);
  } catch {
    return undefined;
  }
}
