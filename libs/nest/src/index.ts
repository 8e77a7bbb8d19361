export * from './countersign.guard.js';
export * from './countersign.module.js';
export * from './countersign-options.js';
export * from './current-principal.decorator.js';
export * from './public.decorator.js';
export * from './require-scopes.decorator.js';
export * from './strategy-names.js';
export * from './verifier.token.js';
