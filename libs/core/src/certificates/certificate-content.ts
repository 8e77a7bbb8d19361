import type { X509Certificate } from 'node:crypto';
import { AsnConvert } from '@peculiar/asn1-schema';
import {
  BasicConstraints,
  Certificate,
  type Extension,
  type GeneralName,
  id_ce_basicConstraints,
  id_ce_extKeyUsage,
  id_ce_keyUsage,
  id_ce_nameConstraints,
  id_ce_subjectAltName,
  KeyUsage,
  KeyUsageFlags,
  SubjectAlternativeName,
} from '@peculiar/asn1-x509';

/** An attribute of a name: the type's OID and the value, as text. */
export type NameAttribute = readonly [oid: string, value: string];

/** What Node's own class does not say of a certificate, or says in a text that others can forge. */
export interface CertificateContent {
  /** Relative distinguished names in the order of the encoding. @see RFC 5280 §4.1.2.6 */
  readonly subject: readonly (readonly NameAttribute[])[];
  readonly subjectAltNames: readonly GeneralName[];
  /** `pathLenConstraint`; Infinity: none. @see RFC 5280 §4.2.1.9 */
  readonly pathLength: number;
  /** Whether its key may make signatures in a handshake. @see RFC 5280 §4.2.1.3 */
  readonly maySign: boolean;
  /** Whether all that must be understood to judge the certificate is. @see RFC 5280 §4.2, §6.1 */
  readonly isUnderstood: boolean;
  /** OID of the algorithm that it is signed with. */
  readonly signatureAlgorithm: string;
}

const UNDERSTOOD: ReadonlySet<string> = new Set([
  id_ce_basicConstraints,
  id_ce_extKeyUsage,
  id_ce_keyUsage,
  id_ce_subjectAltName,
]);

/** @throws {Error} the certificate is not as RFC 5280 has it */
export function certificateContent({ raw }: X509Certificate): CertificateContent {
  const { tbsCertificate, signatureAlgorithm } = AsnConvert.parse(raw, Certificate);
  const extensions = tbsCertificate.extensions ?? [];
  const keyUsage = parsedBy(KeyUsage, extensions, id_ce_keyUsage);
  return {
    subject: [...tbsCertificate.subject].map((relative) =>
      [...relative].map(({ type, value }): NameAttribute => [type, value.toString()]),
    ),
    subjectAltNames: [
      ...(parsedBy(SubjectAlternativeName, extensions, id_ce_subjectAltName) ?? []),
    ],
    pathLength:
      parsedBy(BasicConstraints, extensions, id_ce_basicConstraints)?.pathLenConstraint ?? Infinity,
    maySign: keyUsage === undefined || (keyUsage.toNumber() & KeyUsageFlags.digitalSignature) !== 0,
    // Constraints on names that were overlooked would let an authority vouch for whomever it likes.
    isUnderstood: extensions.every(
      ({ extnID, critical }) =>
        UNDERSTOOD.has(extnID) || (!critical && extnID !== id_ce_nameConstraints),
    ),
    signatureAlgorithm: signatureAlgorithm.algorithm,
  };
}

function parsedBy<T>(
  schema: new () => T,
  extensions: readonly Extension[],
  id: string,
): T | undefined {
  const extension = extensions.find(({ extnID }) => extnID === id);
  return extension && AsnConvert.parse(extension.extnValue.buffer, schema);
}
