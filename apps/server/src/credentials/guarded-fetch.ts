import { lookup as lookupAddresses } from 'node:dns';
import type { LookupFunction } from 'node:net';
import type { Fetch } from '@countersign/verify';
import { addressInUrl } from './address-in-url.js';
import { isAddressAllowed } from './is-address-allowed.js';

/** How names become addresses; the system's resolver, or a test's. */
export type Resolve = typeof lookupAddresses;

/** A request was not made, since its address is none that may be asked. */
class AddressRefused extends Error {
  override readonly name = 'AddressRefused';
}

const CONNECT_TIMEOUT_MS = 3_000;

/**
 * A `fetch` that connects to public addresses only, and to those that are allowed by name. What is
 * checked is the address that the connection is made to, in the very look-up that it is made by, so
 * that a name which resolves to another address the next time gets nobody anywhere.
 *
 * @param allowed addresses and CIDR blocks that are not public, and allowed all the same
 */
export function createGuardedFetch(
  allowed: readonly string[],
  resolve: Resolve = lookupAddresses,
): Fetch {
  const mayConnect = (address: string) => isAddressAllowed(allowed, address);
  let connected: Promise<Fetch> | undefined;
  return async (url, init) => {
    // An address in the URL itself is never looked up.
    const address = addressInUrl(url);
    if (address !== null && !mayConnect(address)) throw refused(address);
    connected ??= connectBy(guardedLookup(mayConnect, resolve));
    return (await connected)(url, init);
  };
}

/** Loads undici with the first request, for the memory that it takes: most services trust no issuer. */
async function connectBy(lookup: LookupFunction): Promise<Fetch> {
  const { Agent, fetch } = await import('undici');
  const dispatcher = new Agent({ connect: { lookup, timeout: CONNECT_TIMEOUT_MS } });
  return (url, init) => fetch(url, { ...(init as object), dispatcher });
}

/** Refuses a name of which any address may not be asked: which one would be tried is chance. */
function guardedLookup(mayConnect: (address: string) => boolean, resolve: Resolve): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, '');
      const forbidden = addresses.find(({ address }) => !mayConnect(address));
      const [first] = addresses;
      if (forbidden !== undefined) return callback(refused(hostname), '');
      if (first === undefined) return callback(new Error(`${hostname} has no address`), '');
      if (options.all) return callback(null, addresses);
      callback(null, first.address, first.family);
    });
  };
}

function refused(host: string): AddressRefused {
  return new AddressRefused(
    `${host} is not a public address: COUNTERSIGN_FEDERATION_PRIVATE_ADDRESSES can allow it`,
  );
}
