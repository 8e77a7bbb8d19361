export * from './create-test-issuer.js';
