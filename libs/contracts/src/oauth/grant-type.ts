/** Grants that the token endpoint serves. @see RFC 6749 §4.4, §6, RFC 8693 §2.1 */
export const CLIENT_CREDENTIALS = 'client_credentials';
export const TOKEN_EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';
export const REFRESH_TOKEN = 'refresh_token';
export const GRANT_TYPES = [CLIENT_CREDENTIALS, TOKEN_EXCHANGE, REFRESH_TOKEN] as const;
