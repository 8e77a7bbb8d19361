/**
 * The reference for what goes over HTTP: a bare Fastify that reads the body, if there is one, and
 * answers the same bytes as the service, after one signature where the service makes one.
 */
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { parse } from 'node:querystring';
import fastify, { type FastifyReply } from 'fastify';
import type { ReferenceConfig, SignedBody } from '../running/reference-config.js';

const config = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as ReferenceConfig;
const { headers, body } = config;

const app = fastify(
  config.keepAliveSeconds === null ? {} : { keepAliveTimeout: config.keepAliveSeconds * 1000 },
);
app.addContentTypeParser<string>(
  'application/x-www-form-urlencoded',
  { parseAs: 'string' },
  (_request, text, done) => done(null, parse(text)),
);

const answer = body.kind === 'signed' ? signed(body) : fixed(body.text);
app.get(config.path, (_request, reply) => answer(reply));
app.post<{ Body: Record<string, string> }>(config.path, (request, reply) => {
  const { token, grant_type, credential } = request.body;
  if ((token ?? grant_type ?? credential) === undefined) throw new Error('the body is empty');
  answer(reply);
});
await app.listen({ port: config.port, host: '127.0.0.1' });

function fixed(text: string): (reply: FastifyReply) => void {
  return (reply) => {
    // Fastify would give an empty text a Content-Type.
    reply.headers(headers).send(text === '' ? undefined : text);
  };
}

function signed({ alg, form, before, signingInput, after }: SignedBody) {
  const octets = Buffer.from(signingInput, 'latin1');
  const key = signingKey(alg);
  const send = (reply: FastifyReply, signature: Buffer) => {
    reply.headers(headers).send(before + signature.toString('base64url') + after);
  };
  if (form === 'synchronous')
    return (reply: FastifyReply) => send(reply, sign('sha256', octets, key));
  return (reply: FastifyReply) => {
    sign('sha256', octets, key, (error, signature) => {
      if (error === null) send(reply, signature);
      else reply.send(error);
    });
  };
}

function signingKey(alg: SignedBody['alg']): { key: KeyObject; dsaEncoding?: 'ieee-p1363' } {
  return alg === 'RS256'
    ? { key: generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey }
    : {
        key: generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey,
        dsaEncoding: 'ieee-p1363',
      };
}
