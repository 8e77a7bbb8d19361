import { randomBytes, webcrypto, X509Certificate } from 'node:crypto';
import { describe, expect, it, jest } from '@jest/globals';
import { AsnConvert } from '@peculiar/asn1-schema';
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
} from '@peculiar/x509';
import {
  CertificateAuthority,
  type TestCertificate,
} from '../../../../test/certificate-authority.js';
import { CertificateAuthorities } from './certificate-authorities.js';
import { ClientCertificate } from './client-certificate.js';

const DAY_MS = 86_400_000;
const authority = await CertificateAuthority.create();

function isVouchedFor(
  leaf: TestCertificate,
  intermediates: readonly TestCertificate[] = [],
  nowMs = Date.now(),
): boolean {
  const authorities = new CertificateAuthorities([authority.x509]);
  const chain = intermediates.map(({ pem }) => pem);
  return authorities.vouchFor(ClientCertificate.from(leaf.pem, chain), nowMs);
}

function ofRsa(modulusLength: number) {
  const publicExponent = new Uint8Array([1, 0, 1]);
  return { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256', publicExponent, modulusLength };
}

/** Of which nobody has the private key. */
function rsaPublicKey({ bits = 2048, e = 'AQAB' }) {
  const n = randomBytes(bits / 8);
  n[0] = 0xff;
  n[n.length - 1] = 0xff;
  const jwk = { kty: 'RSA', n: n.toString('base64url'), e };
  return webcrypto.subtle.importKey('jwk', jwk, ofRsa(bits), true, ['verify']);
}

describe('CertificateAuthorities', () => {
  it('vouch for what they have issued, and for nothing else (RFC 5280 §6.1)', async () => {
    expect(isVouchedFor(await authority.issue())).toBe(true);
    // One that bears the same name.
    const another = await CertificateAuthority.create();
    expect(isVouchedFor(await another.issue())).toBe(false);
    expect(isVouchedFor(await another.issue(), [another])).toBe(false);
    const nobody = new CertificateAuthorities([]);
    const { pem } = await authority.issue();
    expect(nobody.vouchFor(ClientCertificate.from(pem), Date.now())).toBe(false);
  });

  it('vouch through the authorities that they have issued, in whichever order', async () => {
    const middle = await authority.issueAuthority({ subject: 'CN=Middle' });
    const low = await middle.issueAuthority({ subject: 'CN=Low' });
    const leaf = await low.issue();
    expect(isVouchedFor(leaf, [low, middle])).toBe(true);
    expect(isVouchedFor(leaf, [middle, low])).toBe(true);
    expect(isVouchedFor(leaf, [low])).toBe(false);
  });

  it('refuse what was issued by who is no authority (RFC 5280 §4.2.1.9)', async () => {
    const client = await authority.issueAuthority({ subject: 'CN=client', ca: false });
    expect(isVouchedFor(client)).toBe(true);
    expect(isVouchedFor(await client.issue(), [client])).toBe(false);
  });

  it('refuse more authorities in a row than one allows below itself (RFC 5280 §4.2.1.9)', async () => {
    const last = await authority.issueAuthority({ subject: 'CN=Last', pathLength: 0 });
    expect(isVouchedFor(await last.issue(), [last])).toBe(true);
    const below = await last.issueAuthority({ subject: 'CN=Below' });
    expect(isVouchedFor(await below.issue(), [below, last])).toBe(false);
  });

  it('refuse a path of which one is not valid yet, or any more', async () => {
    const middle = await authority.issueAuthority({
      subject: 'CN=Short',
      notAfter: new Date(Date.now() + DAY_MS / 2),
    });
    const leaf = await middle.issue();
    expect(isVouchedFor(leaf, [middle])).toBe(true);
    expect(isVouchedFor(leaf, [middle], Date.now() + 0.6 * DAY_MS)).toBe(false);
    const late = await authority.issue({ notBefore: new Date(Date.now() + DAY_MS / 2) });
    expect(isVouchedFor(late)).toBe(false);
    expect(isVouchedFor(await authority.issue(), [], Date.now() + 2 * DAY_MS)).toBe(false);
  });

  it('refuse certificates that are for something else (RFC 5280 §4.2.1.3, §4.2.1.12)', async () => {
    const forUse = (usage: ExtendedKeyUsage) =>
      authority.issue({ extensions: [new ExtendedKeyUsageExtension([usage])] });
    expect(isVouchedFor(await forUse(ExtendedKeyUsage.clientAuth))).toBe(true);
    expect(isVouchedFor(await forUse(ExtendedKeyUsage.serverAuth))).toBe(false);
    const withUsage = (usage: KeyUsageFlags) =>
      authority.issue({ extensions: [new KeyUsagesExtension(usage, true)] });
    expect(isVouchedFor(await withUsage(KeyUsageFlags.digitalSignature))).toBe(true);
    expect(isVouchedFor(await withUsage(KeyUsageFlags.keyAgreement))).toBe(false);
  });

  it('refuse what they do not understand, constraints on names above all (RFC 5280 §4.2)', async () => {
    const unknown = (critical: boolean) =>
      authority.issue({ extensions: [new Extension('1.2.3.4', critical, new Uint8Array([5, 0]))] });
    expect(isVouchedFor(await unknown(false))).toBe(true);
    expect(isVouchedFor(await unknown(true))).toBe(false);
    const constrained = await authority.issueAuthority({
      subject: 'CN=Constrained',
      extensions: [new Extension('2.5.29.30', false, new Uint8Array([0x30, 0]))],
    });
    expect(isVouchedFor(await constrained.issue(), [constrained])).toBe(false);
  });

  it('refuse signatures over SHA-1, and RSA keys below 2048 bits', async () => {
    expect(isVouchedFor(await authority.issue({ signatureHash: 'SHA-384' }))).toBe(true);
    expect(isVouchedFor(await authority.issue({ signatureHash: 'SHA-1' }))).toBe(false);
    expect(isVouchedFor(await authority.issue({ keyAlgorithm: ofRsa(2048) }))).toBe(true);
    expect(isVouchedFor(await authority.issue({ keyAlgorithm: ofRsa(1024) }))).toBe(false);
  });

  it('refuse RSA keys that cost more to verify by than one needs to', async () => {
    const isVouchedForKey = async (key: Parameters<typeof rsaPublicKey>[0]) =>
      isVouchedFor(await authority.issue({ publicKey: await rsaPublicKey(key) }));
    expect(await isVouchedForKey({ bits: 4096 })).toBe(true);
    expect(await isVouchedForKey({ bits: 4104 })).toBe(false);
    expect(await isVouchedForKey({ e: '_____w' })).toBe(true);
    expect(await isVouchedForKey({ e: 'AQAAAAE' })).toBe(false);
    const large = await authority.issueAuthority({ keyAlgorithm: ofRsa(4104) });
    const leaf = await large.issue();
    expect(isVouchedFor(leaf, [large])).toBe(false);
    // But which ones are trusted is not for who presents a certificate to say.
    const { pem } = leaf;
    const trusting = new CertificateAuthorities([large.x509]);
    expect(trusting.vouchFor(ClientCertificate.from(pem), Date.now())).toBe(true);
  }, 30_000);

  it('verify no certificate twice because it was sent twice', async () => {
    const namesake = await CertificateAuthority.create();
    const leaf = await namesake.issue();
    const verify = jest.spyOn(X509Certificate.prototype, 'verify');
    try {
      expect(isVouchedFor(leaf, [namesake, namesake, namesake, namesake])).toBe(false);
      expect(verify).toHaveBeenCalledTimes(2);
    } finally {
      verify.mockRestore();
    }
  });

  it('look into no certificate that no authority of theirs has signed', async () => {
    const rogue = await CertificateAuthority.create({ subject: 'CN=Rogue' });
    const middle = await rogue.issueAuthority({ subject: 'CN=Middle' });
    const leaf = await middle.issue();
    const parse = jest.spyOn(AsnConvert, 'parse');
    try {
      expect(isVouchedFor(leaf, [middle, rogue])).toBe(false);
      const parsed = parse.mock.calls.map(([encoded]) => encoded);
      expect(parsed).toContainEqual(authority.x509.raw);
      for (const { x509 } of [leaf, middle, rogue]) expect(parsed).not.toContainEqual(x509.raw);
    } finally {
      parse.mockRestore();
    }
  });

  it('refuse more authorities in a row than one further up allows (RFC 5280 §6.1.4 l, m)', async () => {
    const top = await authority.issueAuthority({ subject: 'CN=Top', pathLength: 1 });
    const middle = await top.issueAuthority({ subject: 'CN=Middle', pathLength: 5 });
    const low = await middle.issueAuthority({ subject: 'CN=Low' });
    expect(isVouchedFor(await middle.issue(), [middle, top])).toBe(true);
    expect(isVouchedFor(await low.issue(), [low, middle, top])).toBe(false);
  });

  it('is not misled by a client certificate that says it is an authority', async () => {
    const impostor = await CertificateAuthority.create({
      extensions: [new BasicConstraintsExtension(true, 5, false)],
    });
    expect(isVouchedFor(impostor)).toBe(false);
  });
});
