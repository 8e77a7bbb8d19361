import { z } from 'zod';
import { certificateThumbprint } from '../certificate-thumbprint.js';

/** Enough to bring a new certificate in before an old one goes. */
export const CERTIFICATE_THUMBPRINTS_MAX = 4;

/** Thumbprints of certificates, any of which is good. */
export const certificateThumbprints = z
  .array(certificateThumbprint)
  .max(CERTIFICATE_THUMBPRINTS_MAX)
  .refine((list) => new Set(list).size === list.length, 'must not repeat a thumbprint');

const name = z.string().min(1).max(1024);

/** What of a certificate is compared with its registered value. @see RFC 8705 §2.1.2 */
export const CERTIFICATE_SUBJECTS = [
  'tls_client_auth_subject_dn',
  'tls_client_auth_san_dns',
  'tls_client_auth_san_uri',
  'tls_client_auth_san_ip',
  'tls_client_auth_san_email',
] as const;

/**
 * By a certificate of a trusted authority, whose subject is the registered one.
 * @see RFC 8705 §2.1
 */
export const tlsClientAuth = z
  .strictObject({
    method: z.literal('tls_client_auth'),
    tls_client_auth_subject_dn: name.optional().describe('as RFC 4514 writes it'),
    tls_client_auth_san_dns: name.optional(),
    tls_client_auth_san_uri: name.optional(),
    tls_client_auth_san_ip: z.union([z.ipv4(), z.ipv6()]).optional(),
    tls_client_auth_san_email: name.optional(),
  })
  .refine(
    (members) =>
      CERTIFICATE_SUBJECTS.filter((member) => members[member] !== undefined).length === 1,
    `must have exactly one of ${CERTIFICATE_SUBJECTS.join(', ')}`,
  );

/** By one of these certificates, whoever has issued it. @see RFC 8705 §2.2 */
export const selfSignedTlsClientAuth = z.strictObject({
  method: z.literal('self_signed_tls_client_auth'),
  'x5t#S256': certificateThumbprints.min(1),
});

export type TlsClientAuth = z.infer<typeof tlsClientAuth>;
export type SelfSignedTlsClientAuth = z.infer<typeof selfSignedTlsClientAuth>;
