import { describe, expect, it } from '@jest/globals';
import { scrubCredentials } from './scrub-credentials.js';

const ID = 'Ab3dEf6hIj9kLm2n';
const REST = 'S'.repeat(43) + 'T'.repeat(10);
const JWT = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJwcm4ifQ.c2lnbmF0dXJlLXNpZ25hdHVyZQ';

describe('scrubCredentials', () => {
  it('should take out an API key, and leave its id', () => {
    expect(scrubCredentials(`no cs_live_${ID}${REST} here`)).toBe(
      `no cs_live_${ID}[redacted] here`,
    );
    expect(scrubCredentials(`acme1_test_${ID}${REST}`)).toBe(`acme1_test_${ID}[redacted]`);
  });

  it('should take out a refresh token, and leave the id of its family', () => {
    expect(scrubCredentials(`scope cs_refresh_${ID}${REST} is`)).toBe(
      `scope cs_refresh_${ID}[redacted] is`,
    );
  });

  it('should take out a key that was cut off inside its secret', () => {
    expect(scrubCredentials(`cs_live_${ID}SSS`)).toBe(`cs_live_${ID}[redacted]`);
  });

  it('should take out a JWT, also after an escaped line end', () => {
    expect(scrubCredentials(`token ${JWT}.`)).not.toContain('c2lnbmF0dXJl');
    expect(scrubCredentials(JSON.stringify(`at\n${JWT}`))).toBe('"at\\n[redacted JWT]"');
    expect(scrubCredentials(`${JWT.slice(0, JWT.lastIndexOf('.'))}.`)).toBe('[redacted JWT]');
  });

  it('should take out Authorization headers, private keys and passwords in URLs', () => {
    const basic = Buffer.from('key_01:some secret value').toString('base64');
    expect(scrubCredentials(`Authorization: Basic ${basic}`)).toBe(
      'Authorization: Basic [redacted]',
    );
    expect(scrubCredentials('-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----')).toBe(
      '-----BEGIN PRIVATE KEY-----[redacted]-----END PRIVATE KEY-----',
    );
    expect(scrubCredentials('connect postgres://auth:hunter2@db:5432/auth')).toBe(
      'connect postgres://auth:[redacted]@db:5432/auth',
    );
  });

  it('should leave JSON valid and prose alone', () => {
    const line = JSON.stringify({ msg: `a "quoted" cs_live_${ID}${REST}`, next: JWT });
    expect(JSON.parse(scrubCredentials(line))).toEqual({
      msg: `a "quoted" cs_live_${ID}[redacted]`,
      next: '[redacted JWT]',
    });
    const prose = 'Basic authentication of key_01JD at http://localhost:8080/a@b took 12 ms';
    expect(scrubCredentials(prose)).toBe(prose);
  });

  it.each(['eyJ', 'a', 'cs_live_', 'cs_refresh_', 'a://a', 'Bearer ', 'eyJ.'])(
    'should take linear time on a long run of %j',
    (unit) => {
      const text = unit.repeat(Math.ceil(400_000 / unit.length));
      const before = performance.now();
      scrubCredentials(text);
      // Quadratic time would be minutes.
      expect(performance.now() - before).toBeLessThan(2000);
    },
  );
});
