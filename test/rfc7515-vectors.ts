const PAYLOAD =
  'eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ';
const RS256_HEADER = 'eyJhbGciOiJSUzI1NiJ9';
const ES256_HEADER = 'eyJhbGciOiJFUzI1NiJ9';
const RS256_SIGNATURE =
  'cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw';
const ES256_SIGNATURE =
  'DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q';
const ES256_KID = 'e9bc097a-ce51-4036-9562-d2ade882db0d';

/** The keys of the examples in RFC 7515, as it has them: without `kid` and `alg`. */
export const RFC7515_KEYS = {
  A1: {
    kty: 'oct',
    k: 'AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow',
  },
  A2: {
    kty: 'RSA',
    n: 'ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ',
    e: 'AQAB',
  },
  A3: {
    kty: 'EC',
    crv: 'P-256',
    x: 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU',
    y: 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0',
  },
  A4: {
    kty: 'EC',
    crv: 'P-521',
    x: 'AekpBQ8ST8a8VcfVOTNl353vSrDCLLJXmPk06wTjxrrjcBpXp5EOnYG_NjFZ6OvLFV1jSfS9tsz4qUxcWceqwQGk',
    y: 'ADSmRA43Z1DSNx_RvcLI87cdL07l6jQyyBXMoxVg_l2Th-x3S1WDhjDly79ajL4Kkd0AZMaZmh9ubmf63e3kyMj2',
  },
} as const;

/** The examples of RFC 7515, appendices A.1 to A.5, which are JWSs in compact serialization. */
export const RFC7515_COMPACT = {
  /** HS256; the example JWT of RFC 7519 §3.1 as well. */
  A1: `eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.${PAYLOAD}.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk`,
  /** RS256 */
  A2: `${RS256_HEADER}.${PAYLOAD}.${RS256_SIGNATURE}`,
  /** ES256 */
  A3: `${ES256_HEADER}.${PAYLOAD}.${ES256_SIGNATURE}`,
  /** ES512; its payload is the text `Payload`. */
  A4: 'eyJhbGciOiJFUzUxMiJ9.UGF5bG9hZA.AdwMgeerwtHoh-l192l60hp9wAHZFVJbLfD_UxMi70cwnZOYaRI1bKPWROc-mZZqwqT2SI-KGDKB34XO0aw_7XdtAG8GaSwFKdCAPZgoXD2YBJZCPEX3xKpRwcdOO8KpEHwJjyqOgzDO7iKvU8vcnwNrmxYbSW9ERBXukOXolLzeO_Jn',
  /** Unsecured; the example of RFC 7519 §6.1 as well. */
  A5: `eyJhbGciOiJub25lIn0.${PAYLOAD}.`,
} as const;

/** Appendices A.6 and A.7: the payload of A.2, in both JSON serializations. */
export const RFC7515_JSON = {
  /** General; by the keys of A.2 and A.3. */
  A6: {
    payload: PAYLOAD,
    signatures: [
      { protected: RS256_HEADER, header: { kid: '2010-12-29' }, signature: RS256_SIGNATURE },
      { protected: ES256_HEADER, header: { kid: ES256_KID }, signature: ES256_SIGNATURE },
    ],
  },
  /** Flattened; by the key of A.3. */
  A7: {
    payload: PAYLOAD,
    protected: ES256_HEADER,
    header: { kid: ES256_KID },
    signature: ES256_SIGNATURE,
  },
} as const;
