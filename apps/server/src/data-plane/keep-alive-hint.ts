import type { ServerResponse } from 'node:http';
import { IDLE_TIMEOUT_MS } from './idle-timeout.js';

const HINT: readonly string[] = ['keep-alive', `timeout=${IDLE_TIMEOUT_MS / 1000}`];
const NONE: readonly string[] = [];

/**
 * Tells clients that heed it how long the connection may lie idle, unless it is closed after this answer.
 * @returns names and values by turns
 * @see RFC 2068 §19.7.1.1
 */
export function keepAliveHint({ shouldKeepAlive }: ServerResponse): readonly string[] {
  return shouldKeepAlive ? HINT : NONE;
}
