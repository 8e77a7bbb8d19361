import { withDatabaseFailures } from '@countersign/persistence';
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { problemOfViolation } from './problem-of-violation.js';

/** Runs each reading of the admin API. */
@Injectable()
export class ReadRunner {
  constructor(private readonly dataSource: DataSource) {}

  /** @throws {DependencyUnavailable} when the database cannot answer now */
  async run<T>(work: (manager: EntityManager) => Promise<T>): Promise<T> {
    try {
      return await withDatabaseFailures(() => work(this.dataSource.manager));
    } catch (error) {
      throw problemOfViolation(error);
    }
  }
}
