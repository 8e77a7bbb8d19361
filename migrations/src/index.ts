import type { MigrationInterface } from 'typeorm';
import { InitialSchema1795330800000 } from './1795330800000-initial-schema.js';
import { ClientAuthentication1795331200000 } from './1795331200000-client-authentication.js';

/** In the order in which they run. Never edit one that was released: add another. */
export const MIGRATIONS: (new () => MigrationInterface)[] = [
  InitialSchema1795330800000,
  ClientAuthentication1795331200000,
];
