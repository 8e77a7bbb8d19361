import { z } from 'zod';
import type { ServiceCaller } from './service-caller.js';

const signingKeys = z.object({ data: z.array(z.object({ kid: z.string() })) });

/** The `kid` of the key that signs the access tokens of the test bed's APIs. */
export async function readSigner(caller: ServiceCaller): Promise<string> {
  const path = '/v1/signing-keys?alg=RS256&status=active';
  const { status, text } = await caller.ask(0, { path });
  if (status !== 200) throw new Error(`GET ${path} answered ${status}: ${text}`);
  const [active] = signingKeys.parse(JSON.parse(text)).data;
  if (active === undefined) throw new Error('no key signs access tokens');
  return active.kid;
}
