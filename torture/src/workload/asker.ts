import type { HistoryWriter } from '../history/history.js';
import type { Ask, Asked } from '../history/operation.js';
import type { HttpAnswer } from '../network/http-call.js';
import type { VerifierHost } from '../cluster/verifier-host.js';
import { AUDIENCES } from './audiences.js';
import type { Estate } from './estate.js';
import {
  readDecision,
  readForwardAuth,
  readIntrospection,
  readToken,
  readWhoami,
  type Verdict,
} from './read-answer.js';
import type { ServiceCaller, ServiceRequest } from './service-caller.js';

const FORWARD_AUTH = `/forward-auth?audience=${encodeURIComponent(AUDIENCES.long)}`;

/** Asks about credentials by every road, and tells the history what was answered. */
export class Asker {
  #underWay = new Set<Promise<unknown>>();

  constructor(
    private readonly caller: ServiceCaller,
    private readonly verifiers: VerifierHost,
    private readonly estate: Estate,
    private readonly history: HistoryWriter,
  ) {}

  /** Whom to ask: each replica by each road, and each local verifier. */
  get whom(): readonly Asked[] {
    const replicas = Array.from({ length: this.caller.replicas }, (_, replica) => replica);
    const roads = ['introspect', 'whoami', 'verify', 'forward-auth'] as const;
    return [
      ...replicas.flatMap((replica) => roads.map((road) => ({ road, replica }))),
      ...this.verifiers.verifiers,
    ];
  }

  /** Whether a credential is for whoever is asked: a local verifier, or a gateway, serves one API. */
  concerns({ road }: Asked, credential: string): boolean {
    const isForOne = road === 'local' || road === 'forward-auth';
    return !isForOne || this.estate.isFor(credential, 'long');
  }

  async ask(asked: Asked, credential: string, final = false): Promise<Ask> {
    const secret = this.estate.secrets.get(credential);
    if (secret === undefined) throw new Error(`nobody issued ${credential}`);
    const asking = this.#put(asked, secret);
    this.#underWay.add(asking);
    try {
      const { startMs, endMs, ...verdict } = await asking;
      const ask: Ask = { asked, credential, startMs, endMs, final, ...verdict };
      if (!final) this.history.asks.push(ask);
      return ask;
    } finally {
      this.#underWay.delete(asking);
    }
  }

  /** Until nobody waits for an answer any more. */
  async settled(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.allSettled(this.#underWay);
  }

  async #put(asked: Asked, secret: string): Promise<Verdict & Pick<Ask, 'startMs' | 'endMs'>> {
    if (asked.road === 'local') return this.verifiers.verify(asked, secret);
    const { road, replica } = asked;
    const ask = (request: ServiceRequest) => this.caller.ask(replica, request);
    switch (road) {
      case 'introspect': {
        const form = { token: secret };
        return timed(await ask({ path: '/introspect', form }), readIntrospection);
      }
      case 'whoami':
        return timed(await ask({ path: '/whoami', by: secret }), readWhoami);
      case 'verify': {
        const json = { credential: secret };
        return timed(await ask({ path: '/v1/verify', json }), readDecision);
      }
      case 'token': {
        const form = { grant_type: 'client_credentials', audience: AUDIENCES.long };
        return timed(await ask({ path: '/token', by: secret, form }), readToken);
      }
      case 'forward-auth':
        return timed(await ask({ path: FORWARD_AUTH, by: secret }), readForwardAuth);
    }
  }
}

function timed(answer: HttpAnswer, read: (answer: HttpAnswer) => Verdict) {
  const { startMs, endMs } = answer;
  return { startMs, endMs, ...read(answer) };
}
