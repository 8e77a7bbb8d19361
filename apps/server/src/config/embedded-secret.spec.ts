import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { embeddedSecret } from './embedded-secret.js';
import { InvalidConfiguration } from './invalid-configuration.js';

describe('embeddedSecret', () => {
  const warn = jest.fn<(message: string) => void>();
  let dataDir: string;

  beforeEach(() => {
    warn.mockClear();
    dataDir = join(mkdtempSync(join(tmpdir(), 'countersign-secret-')), 'data');
  });

  afterEach(() => {
    rmSync(join(dataDir, '..'), { recursive: true, force: true });
  });

  it('should make 256 random bits that only the owner can read, and nothing else', async () => {
    const secret = await embeddedSecret(dataDir, warn);

    expect(Buffer.from(secret.reveal(), 'base64url')).toHaveLength(32);
    expect(statSync(join(dataDir, 'secret')).mode & 0o777).toBe(0o600);
    expect(statSync(dataDir).mode & 0o777).toBe(0o700);
    expect(readdirSync(dataDir)).toEqual(['secret']);
    expect(warn).not.toHaveBeenCalled();
  });

  it('should give the same secret at the next start', async () => {
    const first = await embeddedSecret(dataDir, warn);
    const second = await embeddedSecret(dataDir, warn);

    expect(second.reveal()).toBe(first.reveal());
  });

  it('should give the same secret to all that start at once', async () => {
    const secrets = await Promise.all(
      Array.from({ length: 20 }, () => embeddedSecret(dataDir, warn)),
    );

    expect(new Set(secrets.map((secret) => secret.reveal())).size).toBe(1);
    expect(readdirSync(dataDir)).toEqual(['secret']);
  });

  it('should warn when others may read the file', async () => {
    await embeddedSecret(dataDir, warn);
    chmodSync(join(dataDir, 'secret'), 0o644);
    await embeddedSecret(dataDir, warn);

    expect(warn).toHaveBeenCalledTimes(1);
    expect(warn).toHaveBeenCalledWith(expect.stringContaining('chmod 600'));
  });

  it('should refuse a damaged file rather than replace it', async () => {
    await embeddedSecret(dataDir, warn);
    writeFileSync(join(dataDir, 'secret'), 'half a sec');

    await expect(embeddedSecret(dataDir, warn)).rejects.toThrow(/is damaged/);
    await expect(embeddedSecret(dataDir, warn)).rejects.toBeInstanceOf(InvalidConfiguration);
  });

  it('should say what to do when the folder cannot be made', async () => {
    writeFileSync(dataDir, 'a file where the folder should be');

    await expect(embeddedSecret(dataDir, warn)).rejects.toThrow(
      /COUNTERSIGN_DATA_DIR, or set COUNTERSIGN_SECRET/,
    );
  });
});
