import { describe, expect, it } from '@jest/globals';
import { CHALLENGE, dpopChallenge, withResourceMetadata } from './challenge.js';

const URL = 'https://api.example.com/.well-known/oauth-protected-resource/a$&b';

describe('withResourceMetadata', () => {
  it('adds the parameter to each scheme that takes tokens, and to no other (RFC 9728 §5.1)', () => {
    expect(withResourceMetadata(`${CHALLENGE}, Basic realm="countersign"`, URL)).toBe(
      `Bearer realm="countersign", resource_metadata="${URL}", Basic realm="countersign"`,
    );
    expect(withResourceMetadata(dpopChallenge('invalid_token'), URL)).toMatch(
      /^DPoP realm="countersign", resource_metadata="[^"]+", algs="[^"]+", error="invalid_token"$/,
    );
  });
});
