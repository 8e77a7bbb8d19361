import { describe, expect, it } from '@jest/globals';
import { type AllowInsecureHttp, parseSecureUrl } from './parse-secure-url.js';

describe('parseSecureUrl', () => {
  it.each<[string, AllowInsecureHttp, boolean]>([
    ['https://auth.example.com', false, true],
    ['https://auth.example.com', 'loopback', true],
    ['http://auth.example.com', false, false],
    ['http://auth.example.com', 'loopback', false],
    ['http://auth.example.com', true, true],
    ['http://localhost:8080', false, false],
    ['http://localhost:8080', 'loopback', true],
    ['http://127.0.0.1:8080', 'loopback', true],
    ['http://127.1.2.3', 'loopback', true],
    ['http://[::1]:8080', 'loopback', true],
    ['http://localhost.evil.example', 'loopback', false],
    ['http://127.0.0.1.evil.example', 'loopback', false],
    ['http://10.0.0.1', 'loopback', false],
    ['http://0.0.0.0', 'loopback', false],
    ['https://user:pass@auth.example.com', true, false],
    ['https://user@auth.example.com', true, false],
    ['file:///etc/keys.json', true, false],
    ['data:application/json,{}', true, false],
    ['/jwks.json', true, false],
    ['', true, false],
  ])('%s with http %p: %p (RFC 8414 §6.1)', (text, allowed, good) => {
    const parse = () => parseSecureUrl(text, allowed).href;
    if (good) expect(parse()).toBe(new URL(text).href);
    else expect(parse).toThrow(TypeError);
  });

  it('allows https only when nothing is said', () => {
    expect(() => parseSecureUrl('http://localhost')).toThrow('https');
  });
});
