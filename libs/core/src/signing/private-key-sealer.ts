import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

const ALGORITHM = 'aes-256-gcm';
const FORMAT = 'v1';
const IV_BYTES = 12;
const TAG_BYTES = 16;

/** No configured server secret opens what was sealed. */
export class SealBroken extends Error {
  override readonly name = 'SealBroken';

  constructor(kid: string) {
    super(
      `the private part of signing key ${kid} cannot be decrypted: ` +
        'it was sealed under a COUNTERSIGN_SECRET that is not configured, or it was tampered with',
    );
  }
}

/** Encrypts private JWKs at rest: AES-256-GCM with the key's `kid` as additional data. */
export class PrivateKeySealer {
  /** @param sealingKeys 32 bytes each; the first seals, each is tried to open. */
  constructor(private readonly sealingKeys: readonly [Buffer, ...Buffer[]]) {}

  seal(kid: string, privateJwk: object): string {
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv(ALGORITHM, this.sealingKeys[0], iv);
    cipher.setAAD(Buffer.from(kid));
    const sealed = Buffer.concat([cipher.update(JSON.stringify(privateJwk)), cipher.final()]);
    return `${FORMAT}.${Buffer.concat([iv, sealed, cipher.getAuthTag()]).toString('base64url')}`;
  }

  /** @throws {SealBroken} when no sealing key fits, or kid or text were changed */
  open(kid: string, sealed: string): Record<string, string> {
    const [format, body] = sealed.split('.');
    if (format === FORMAT && body !== undefined) {
      const bytes = Buffer.from(body, 'base64url');
      for (const key of this.sealingKeys) {
        const opened = openUnder(key, kid, bytes);
        if (opened !== undefined) return JSON.parse(opened) as Record<string, string>;
      }
    }
    throw new SealBroken(kid);
  }
}

function openUnder(key: Buffer, kid: string, bytes: Buffer): string | undefined {
  try {
    const decipher = createDecipheriv(ALGORITHM, key, bytes.subarray(0, IV_BYTES), {
      authTagLength: TAG_BYTES,
    });
    decipher.setAAD(Buffer.from(kid));
    decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
    const text = decipher.update(bytes.subarray(IV_BYTES, -TAG_BYTES));
    return Buffer.concat([text, decipher.final()]).toString('utf8');
  } catch {
    return undefined;
  }
}
