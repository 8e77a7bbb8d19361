/** Passport's name of the strategy that takes a credential from `X-API-Key`. */
export const API_KEY_STRATEGY = 'countersign-api-key';

/** Passport's name of the strategy that takes one from `Authorization`, as Bearer or DPoP. */
export const BEARER_STRATEGY = 'countersign-bearer';
