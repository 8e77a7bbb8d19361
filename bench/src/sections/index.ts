import { client } from './client.js';
import { firstUse } from './first-use.js';
import { forwardAuth } from './forward-auth.js';
import { introspect } from './introspect.js';
import { latency } from './latency.js';
import { memory } from './memory.js';
import { million } from './million.js';
import { restart } from './restart.js';
import { revocation } from './revocation.js';
import { revocationsMemory } from './revocations-memory.js';
import type { Section } from './section.js';
import { streams } from './streams.js';
import { token } from './token.js';
import { verify } from './verify.js';
import { verifyApi } from './verify-api.js';

/** In the order in which they run. */
export const SECTIONS: readonly Section[] = [
  introspect,
  verifyApi,
  forwardAuth,
  token,
  verify,
  client,
  firstUse,
  latency,
  streams,
  revocation,
  memory,
  revocationsMemory,
  million,
  restart,
];
