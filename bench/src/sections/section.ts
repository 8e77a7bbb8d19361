import type { Lab } from '../lab.js';
import type { Options } from '../options.js';
import type { Table } from '../report/table.js';

export interface SectionRun {
  readonly lab: Lab;
  readonly options: Pick<Options, 'rounds' | 'seconds'>;
  /** Tells whoever waits what is going on. */
  readonly say: (what: string) => void;
}

/** One question that the bench answers. */
export interface Section {
  /** As on the command line. */
  readonly name: string;
  /** @throws when anything went otherwise than it must: there are no figures then */
  run(run: SectionRun): Promise<Table[]>;
}
