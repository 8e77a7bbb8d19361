/** The members of a workspace's package.json that packing looks at. */
export interface WorkspaceManifest {
  readonly name: string;
  readonly version: string;
  readonly description?: string;
  readonly license: string;
  readonly engines?: Readonly<Record<string, string>>;
  readonly sideEffects?: boolean;
  readonly exports: Readonly<Record<string, WorkspaceExport>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional: boolean }>>;
}

/** Where an export is, relative to the workspace. */
export interface WorkspaceExport {
  readonly '@countersign/source': string;
  /** The declarations, once they are compiled. */
  readonly types: string;
}

/**
 * The package.json of the tarball: that of the workspace without what only the workspace has (scripts,
 * development dependencies, `private`, the condition that names sources), and with exports that answer
 * `import` and `require` alike, each with types of its own kind.
 *
 * @throws {Error} when an export does not name a file under `src/`
 */
export function packedManifest(workspace: WorkspaceManifest): Record<string, unknown> {
  const { name, version, description, license, engines, sideEffects } = workspace;
  const { dependencies, peerDependencies, peerDependenciesMeta } = workspace;
  const entries = entriesOf(workspace);
  const exported = Object.entries(entries).map(([entry, { subpath }]) => [
    subpath,
    {
      import: { types: `./dist/${entry}.d.mts`, default: `./dist/${entry}.mjs` },
      require: { types: `./dist/${entry}.d.cts`, default: `./dist/${entry}.cjs` },
    },
  ]);
  return {
    name,
    version,
    ...(description !== undefined && { description }),
    license,
    type: 'module',
    ...(engines !== undefined && { engines }),
    ...(sideEffects !== undefined && { sideEffects }),
    exports: { ...Object.fromEntries(exported), './package.json': './package.json' },
    // For what does not know `exports`.
    main: './dist/index.cjs',
    module: './dist/index.mjs',
    types: './dist/index.d.cts',
    files: ['dist'],
    ...(dependencies !== undefined && { dependencies }),
    ...(peerDependencies !== undefined && { peerDependencies }),
    ...(peerDependenciesMeta !== undefined && { peerDependenciesMeta }),
  };
}

export interface PackageEntry {
  /** As it is imported: `.`, `./testing`. */
  readonly subpath: string;
  /** Its source and its compiled declarations, relative to the workspace. */
  readonly source: string;
  readonly types: string;
}

/** What a workspace exports, by the name of the file that will hold it: `index`, `testing`. */
export function entriesOf({ name, exports }: WorkspaceManifest): Record<string, PackageEntry> {
  return Object.fromEntries(
    Object.entries(exports).map(([subpath, { '@countersign/source': source, types }]) => {
      const entry = /^\.(?:\/([a-z-]+))?$/.exec(subpath);
      if (entry === null || !source.startsWith('./src/')) {
        throw new Error(`${name} exports ${subpath} from ${source}`);
      }
      return [entry[1] ?? 'index', { subpath, source, types }];
    }),
  );
}
