import type { IncomingMessage } from 'node:http';
import proxyAddr from '@fastify/proxy-addr';

/** Whose address counts as that of a request's sender; undefined: it has gone, and its address with it. */
export type SenderAddress = (request: IncomingMessage) => string | undefined;

/** @param trustedProxies addresses and CIDR blocks whose `X-Forwarded-For` is believed */
export function senderAddressBy(trustedProxies: readonly string[]): SenderAddress {
  if (trustedProxies.length === 0) return ({ socket }) => socket.remoteAddress;
  const isTrusted = proxyAddr.compile([...trustedProxies]);
  return (request) => proxyAddr(request, isTrusted);
}
