import { describe, expect, it } from '@jest/globals';
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
    const ofRsa = (modulusLength: number) =>
      authority.issue({
        keyAlgorithm: {
          name: 'RSASSA-PKCS1-v1_5',
          hash: 'SHA-256',
          publicExponent: new Uint8Array([1, 0, 1]),
          modulusLength,
        },
      });
    expect(isVouchedFor(await ofRsa(2048))).toBe(true);
    expect(isVouchedFor(await ofRsa(1024))).toBe(false);
  });

  it('is not misled by a client certificate that says it is an authority', async () => {
    const impostor = await CertificateAuthority.create({
      extensions: [new BasicConstraintsExtension(true, 5, false)],
    });
    expect(isVouchedFor(impostor)).toBe(false);
  });
});
