/**
 * What proxies say of a request on its way, besides `X-Forwarded-For`, `-Host` and `-Proto`. From an end client
 * they are hearsay, so that every configuration takes them away; of those three, the upstream gets what the
 * gateway sees.
 * @see RFC 7239
 */
export const FORWARDING_HEADERS = [
  'Forwarded',
  'X-Forwarded-Method',
  'X-Forwarded-Port',
  'X-Forwarded-Prefix',
  'X-Forwarded-Server',
  'X-Forwarded-Uri',
  'X-Original-Method',
  'X-Original-Uri',
  'X-Original-Url',
  'X-Real-Ip',
] as const;
