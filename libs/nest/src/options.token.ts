/** Injects the options of the module. */
export const COUNTERSIGN_OPTIONS = Symbol.for('@countersign/nest options');
