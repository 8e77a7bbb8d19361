import { describe, expect, it } from '@jest/globals';
import { isSameIssuer } from './is-same-issuer.js';

const OWN = 'https://auth.example.com/countersign';

describe('isSameIssuer', () => {
  it.each([
    OWN,
    `${OWN}/`,
    `${OWN}//`,
    'https://Auth.Example.COM/countersign',
    'https://auth.example.com:443/countersign',
    'http://auth.example.com/countersign',
    'https://auth.example.com/x/../countersign',
  ])('takes %s for our own', (issuer) => {
    expect(isSameIssuer(issuer, OWN)).toBe(true);
  });

  it.each([
    'https://auth.example.com',
    'https://auth.example.com/Countersign',
    'https://auth.example.com/countersign/tenant',
    'https://auth.example.com:8443/countersign',
    'https://auth.example.com.evil.example/countersign',
  ])('takes %s for another', (issuer) => {
    expect(isSameIssuer(issuer, OWN)).toBe(false);
  });
});
