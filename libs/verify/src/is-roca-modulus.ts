// Of the library that made them: each modulus is, modulo every one of these primes, a power of 65537.
const PRIMES = [11, 13, 17, 19, 37, 53, 61, 71, 73, 79, 97, 103, 107, 109, 127, 151, 157] as const;
const GENERATOR = 65_537;

const POWERS: ReadonlyMap<number, ReadonlySet<number>> = new Map(
  PRIMES.map((prime) => [prime, powersModulo(prime)]),
);

/**
 * Whether an RSA modulus bears the mark of the keys that can be factored (CVE-2017-15361, "ROCA"): smart
 * cards and TPMs made them until 2017. One in about 2^28 of other keys bears it by chance.
 * @param n base64url
 */
export function isRocaModulus(n: string): boolean {
  const modulus = BigInt(`0x${Buffer.from(n, 'base64url').toString('hex') || '0'}`);
  return PRIMES.every((prime) => POWERS.get(prime)?.has(Number(modulus % BigInt(prime))));
}

function powersModulo(prime: number): Set<number> {
  const powers = new Set<number>();
  let power = 1;
  while (!powers.has(power)) {
    powers.add(power);
    power = (power * GENERATOR) % prime;
  }
  return powers;
}
