export * from './countersign.js';
export * from './principal-of.js';
