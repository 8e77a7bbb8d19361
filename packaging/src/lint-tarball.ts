import { readFile } from 'node:fs/promises';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';

/**
 * Resolution that TypeScript 6 deprecates and 7 does not have. It knows no `exports`, so that
 * subpaths cannot be found by it.
 */
const NOT_SERVED = 'node10';

/**
 * What is wrong with a package for whoever installs it: by publint (what is packed against what is
 * declared), and by "Are the types wrong?" (each way to resolve it, at run time against its types).
 *
 * @returns sentences; none: all is well
 */
export async function lintTarball(tarball: string): Promise<string[]> {
  const contents = new Uint8Array(await readFile(tarball));
  return [...(await packagingProblems(contents)), ...(await typeProblems(contents))];
}

async function packagingProblems(contents: Uint8Array): Promise<string[]> {
  const { messages, pkg } = await publint({
    pack: { tarball: contents.buffer as ArrayBuffer },
    strict: true,
  });
  return messages.map((message) => formatMessage(message, pkg) ?? message.code);
}

async function typeProblems(contents: Uint8Array): Promise<string[]> {
  const checked = await checkPackage(createPackageFromTarballData(contents));
  if (!checked.types) return ['the package has no types'];
  return checked.problems
    .filter((problem) => !('resolutionKind' in problem && problem.resolutionKind === NOT_SERVED))
    .map((problem) => JSON.stringify(problem));
}
