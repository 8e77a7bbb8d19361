import { describe, expect, it } from '@jest/globals';
import { SecretHasher } from './secret-hasher.js';

const SECRET = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ';
const hasher = new SecretHasher({ memoryKib: 1024, timeCost: 1, parallelism: 1 });

describe('SecretHasher', () => {
  it('verifies the secret that was hashed, and no other', async () => {
    const secretHash = await hasher.hash(SECRET);
    await expect(hasher.verify(secretHash, SECRET)).resolves.toBe(true);
    for (const other of ['', SECRET.slice(1), `${SECRET}a`, SECRET.toLowerCase()]) {
      await expect(hasher.verify(secretHash, other)).resolves.toBe(false);
    }
  });

  it('hashes with argon2id and the parameters that were configured', async () => {
    const dearer = new SecretHasher({ memoryKib: 2048, timeCost: 2, parallelism: 1 });
    await expect(dearer.hash(SECRET)).resolves.toMatch(
      /^\$argon2id\$v=19\$m=2048,t=2,p=1\$|^\$argon2id\$v=19\$m=2048,p=1,t=2\$/,
    );
  });

  it('salts: the same secret is never hashed to the same text', async () => {
    expect(await hasher.hash(SECRET)).not.toBe(await hasher.hash(SECRET));
  });

  it('verifies a hash of other parameters, too', async () => {
    const secretHash = await new SecretHasher({
      memoryKib: 2048,
      timeCost: 2,
      parallelism: 2,
    }).hash(SECRET);
    await expect(hasher.verify(secretHash, SECRET)).resolves.toBe(true);
  });

  it.each([
    ['memory', { memoryKib: 2048, timeCost: 1, parallelism: 1 }],
    ['time', { memoryKib: 1024, timeCost: 2, parallelism: 1 }],
    ['parallelism', { memoryKib: 1024, timeCost: 1, parallelism: 2 }],
  ])('calls a hash outdated when its %s is not the configured one', async (_which, parameters) => {
    const secretHash = await hasher.hash(SECRET);
    expect(hasher.isOutdated(secretHash)).toBe(false);
    expect(new SecretHasher(parameters).isOutdated(secretHash)).toBe(true);
  });

  it('fails, rather than to say no, when what is stored is not a hash', async () => {
    await expect(hasher.verify('not a hash', SECRET)).rejects.toThrow();
  });
});
