import { describe, expect, it } from '@jest/globals';
import { metadataPath, metadataUrl } from './metadata-url.js';

describe('metadataUrl', () => {
  it.each([
    ['https://api.example.com', 'https://api.example.com/.well-known/oauth-protected-resource'],
    ['https://api.example.com/', 'https://api.example.com/.well-known/oauth-protected-resource'],
    [
      'https://api.example.com:8443/v1',
      'https://api.example.com:8443/.well-known/oauth-protected-resource/v1',
    ],
    [
      'https://api.example.com/v1/',
      'https://api.example.com/.well-known/oauth-protected-resource/v1/',
    ],
    ['http://localhost:8080/eu', 'http://localhost:8080/.well-known/oauth-protected-resource/eu'],
  ])('puts the well-known path between host and path of %s (RFC 9728 §3.1)', (resource, url) => {
    expect(metadataUrl(resource)).toBe(url);
    expect(metadataPath(resource)).toBe(new URL(url).pathname);
  });
});
