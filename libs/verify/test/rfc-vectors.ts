import { RFC7515_COMPACT, RFC7515_KEYS } from '../../../test/rfc7515-vectors.js';
import { RFC7517_KEYS } from '../../../test/rfc7517-vectors.js';

/** Signatures published in RFCs, with the public keys (given the `kid` and `alg` that we require). */
export const SIGNATURE_VECTORS = [
  {
    title: 'RFC 7515 A.2 (RS256)',
    jwk: { ...RFC7515_KEYS.A2, kid: 'a2', alg: 'RS256' },
    token: RFC7515_COMPACT.A2,
  },
  {
    title: 'RFC 7515 A.3 (ES256)',
    jwk: { ...RFC7515_KEYS.A3, kid: 'a3', alg: 'ES256' },
    token: RFC7515_COMPACT.A3,
  },
  {
    title: 'RFC 7520 §4.1 (RS256)',
    jwk: {
      kty: 'RSA',
      kid: 'bilbo.baggins@hobbiton.example',
      alg: 'RS256',
      use: 'sig',
      n: 'n4EPtAOCc9AlkeQHPzHStgAbgs7bTZLwUBZdR8_KuKPEHLd4rHVTeT-O-XV2jRojdNhxJWTDvNd7nqQ0VEiZQHz_AJmSCpMaJMRBSFKrKb2wqVwGU_NsYOYL-QtiWN2lbzcEe6XC0dApr5ydQLrHqkHHig3RBordaZ6Aj-oBHqFEHYpPe7Tpe-OfVfHd1E6cS6M1FZcD1NNLYD5lFHpPI9bTwJlsde3uhGqC0ZCuEHg8lhzwOHrtIQbS0FVbb9k3-tVTU4fg_3L_vniUFAKwuCLqKnS2BYwdq_mzSnbLY7h_qixoR7jig3__kRhuaxwUkRz5iaiQkqgc5gHdrNP5zw',
      e: 'AQAB',
    },
    token:
      'eyJhbGciOiJSUzI1NiIsImtpZCI6ImJpbGJvLmJhZ2dpbnNAaG9iYml0b24uZXhhbXBsZSJ9.SXTigJlzIGEgZGFuZ2Vyb3VzIGJ1c2luZXNzLCBGcm9kbywgZ29pbmcgb3V0IHlvdXIgZG9vci4gWW91IHN0ZXAgb250byB0aGUgcm9hZCwgYW5kIGlmIHlvdSBkb24ndCBrZWVwIHlvdXIgZmVldCwgdGhlcmXigJlzIG5vIGtub3dpbmcgd2hlcmUgeW91IG1pZ2h0IGJlIHN3ZXB0IG9mZiB0by4.MRjdkly7_-oTPTS3AXP41iQIGKa80A0ZmTuV5MEaHoxnW2e5CZ5NlKtainoFmKZopdHM1O2U4mwzJdQx996ivp83xuglII7PNDi84wnB-BDkoBwA78185hX-Es4JIwmDLJK3lfWRa-XtL0RnltuYv746iYTh_qHRD68BNt1uSNCrUCTJDt5aAE6x8wW1Kt9eRo4QPocSadnHXFxnt8Is9UzpERV0ePPQdLuW3IS_de3xyIrDaLGdjluPxUAhb6L2aXic1U12podGU0KLUQSE_oI-ZnmKJ3F4uOZDnd6QZWJushZ41Axf_fcIe8u9ipH84ogoree7vjbU5y18kDquDg',
  },
  {
    title: 'RFC 8037 A.4 (Ed25519)',
    jwk: {
      kty: 'OKP',
      kid: 'kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k',
      alg: 'Ed25519',
      crv: 'Ed25519',
      x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo',
    },
    token:
      'eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg',
  },
] as const;

/** The key of RFC 7638 §3.1, which is one of RFC 7517 A.1, and its thumbprint. */
export const THUMBPRINT_VECTOR = {
  jwk: RFC7517_KEYS.A1[1],
  thumbprint: 'NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs',
} as const;

/** Splits a compact serialization without judging it. */
export function splitCompact(token: string): { signingInput: string; signature: Buffer } {
  const end = token.lastIndexOf('.');
  return {
    signingInput: token.slice(0, end),
    signature: Buffer.from(token.slice(end + 1), 'base64url'),
  };
}
