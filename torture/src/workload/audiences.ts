import type { TokenLifetime } from '../schedule/world.js';

/** The API that tokens of each lifetime are for. */
export const AUDIENCES: Readonly<Record<TokenLifetime, string>> = {
  long: 'https://long.torture.example',
  short: 'https://short.torture.example',
};

export const LIFETIME_SECONDS: Readonly<Record<TokenLifetime, number>> = { long: 300, short: 6 };
