export * from './countersign.js';
export * from './countersign-env.js';
