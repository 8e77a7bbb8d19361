/** Token type identifiers at the token endpoint. @see RFC 8693 §3 */
export const TOKEN_TYPE_API_KEY = 'urn:countersign:token-type:api-key';
export const TOKEN_TYPE_ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token';
export const TOKEN_TYPE_JWT = 'urn:ietf:params:oauth:token-type:jwt';
export const TOKEN_TYPE_ID_TOKEN = 'urn:ietf:params:oauth:token-type:id_token';

export const SUBJECT_TOKEN_TYPES = [
  TOKEN_TYPE_API_KEY,
  TOKEN_TYPE_ACCESS_TOKEN,
  TOKEN_TYPE_JWT,
  TOKEN_TYPE_ID_TOKEN,
] as const;
export const REQUESTED_TOKEN_TYPES = [TOKEN_TYPE_ACCESS_TOKEN, TOKEN_TYPE_JWT] as const;

export type SubjectTokenType = (typeof SUBJECT_TOKEN_TYPES)[number];
export type RequestedTokenType = (typeof REQUESTED_TOKEN_TYPES)[number];
