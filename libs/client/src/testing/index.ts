export * from './create-test-issuer.js';
export type { TestRevocation } from './test-feed.js';
