import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { CountingFetch } from '../test/counting-fetch.js';
import { eventually } from '../test/eventually.js';
import { told } from '../test/told.js';
import { verifierOf } from '../test/verifiers.js';
import { createTestIssuer } from './testing/create-test-issuer.js';
import { createTokenSource } from './tokens/create-token-source.js';
import type { ClientTracer } from './tracer.js';

/** As deep as a logger that dumps everything would go. */
const dump = (value: unknown) => inspect(value, { depth: 12, showHidden: true, getters: true });

describe('secrets', () => {
  it('reach no hook, no span, no result and no dump of the verifier', async () => {
    const issuer = createTestIssuer();
    const seen: unknown[] = [];
    const see = (event: unknown) => void seen.push(event);
    const tracer: ClientTracer = {
      startSpan(name, options) {
        seen.push([name, options]);
        return { setAttribute: (...args) => see(args), setStatus: see, end: () => {} };
      },
    };
    const counting = new CountingFetch(issuer.fetch);
    const verifier = verifierOf(issuer, {
      fetch: counting.fetch,
      tracer,
      hooks: { onVerified: see, onIntrospected: see, onFeed: see, onMisconfigured: see },
    });
    await verifier.ready();
    const key = issuer.apiKey();
    const token = issuer.token();
    seen.push(await verifier.verify(key), await verifier.verify(token));
    issuer.revoke(key);
    await told(issuer, verifier);
    seen.push(await verifier.verify(key));
    counting.overrides.set('/introspect', async () => new Response(null, { status: 401 }));
    seen.push(await verifier.verify(issuer.apiKey()));
    counting.overrides.set('/introspect', () => Promise.reject(new Error('no route to host')));
    seen.push(await verifier.verify(issuer.apiKey()));
    issuer.setUnreachable(true);
    await eventually(() => expect(JSON.stringify(seen)).toContain('disconnected'));
    const all = dump(seen);
    expect(all).toContain('countersign.introspect');
    const own = issuer.verifierOptions.credential as string;
    for (const secret of [key, token, own]) {
      expect(all).not.toContain(secret);
      expect(dump(verifier)).not.toContain(secret);
    }
  });

  it('do not come back in the error about a credential that fits no header', async () => {
    const issuer = createTestIssuer();
    const credential = 'a secret\nwith a line break';
    const source = createTokenSource({ issuer: issuer.issuer, credential, fetch: issuer.fetch });
    const error: unknown = await source.token().catch((caught: unknown) => caught);
    expect(error).toMatchObject({ name: 'TokenUnavailable' });
    expect(dump(error)).not.toContain('a secret');
    const verifier = verifierOf(issuer, { credential });
    const result = await verifier.verify(issuer.apiKey());
    expect(result).toMatchObject({ status: 503 });
    expect(dump([result, verifier])).not.toContain('a secret');
  });

  it('are not told by a hook that throws, which decides nothing', async () => {
    const issuer = createTestIssuer();
    const boom = () => {
      throw new Error('a hook failed');
    };
    const hooks = { onVerified: boom, onIntrospected: boom, onFeed: boom };
    const verifier = verifierOf(issuer, { hooks });
    await verifier.ready();
    expect(await verifier.verify(issuer.apiKey())).toMatchObject({ ok: true });
    expect(await verifier.verify(issuer.token())).toMatchObject({ ok: true });
  });
});
