export * from './countersign.js';
export * from './principal-of.js';
export * from './protected-request.js';
