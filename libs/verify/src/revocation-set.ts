import type { AccessTokenClaims, RevocationEntry, RevocationType } from '@countersign/contracts';
import { eachRevocationId, type RevocationId } from './revocation-ids-of.js';

/**
 * What has become of a token. `final`: it is dead for good. `changed`: it may do less than it says, or
 * nothing; only introspection tells.
 */
export type RevocationHit = 'final' | 'changed';

/** What is held of an entry, or of several of which one says all. */
interface Held {
  readonly position: number;
  readonly final: boolean;
  /** NumericDate; 0: it holds already. */
  readonly effectiveAt: number;
  readonly expiresAt: number;
}

/** What is held of one id: mostly one, which then has no list around it. */
type HeldOfId = Held | readonly Held[];

/**
 * What the revocation feed has said so far, to be asked about single tokens. Holds of each id only what
 * makes a difference: mostly one entry, however often it was revoked. No I/O, no clock.
 */
export class RevocationSet {
  readonly #held: Readonly<Record<RevocationType, Map<string, HeldOfId>>> = {
    jti: new Map(),
    credential: new Map(),
    principal: new Map(),
    organization: new Map(),
    role: new Map(),
    audience: new Map(),
    kid: new Map(),
  };
  #size = 0;
  #version = 0;
  #nextEffectiveAt = Infinity;

  /** Entries held. */
  get size(): number {
    return this.#size;
  }

  /**
   * Grows whenever something is added that makes a difference, or all is forgotten. While it stays, what
   * `hit` has said of a token goes on being true, up to `nextEffectiveAt`.
   */
  get version(): number {
    return this.#version;
  }

  /**
   * NumericDate of the first entry that took effect, or will, after the last `prune`, and later than
   * when it was made; Infinity: there is none.
   */
  get nextEffectiveAt(): number {
    return this.#nextEffectiveAt;
  }

  /** Takes an entry in; in any order, and once more without effect. */
  add({ type, id, position, final, effective_at, expires_at }: RevocationEntry): void {
    const held = { position, final, effectiveAt: effective_at ?? 0, expiresAt: expires_at };
    const ofType = this.#held[type];
    const before = listOf(ofType.get(id));
    const isNew = !before.some((known) => saysAsMuch(known, held, hitsAlways(type)));
    const after = withAnother(before, held, hitsAlways(type));
    ofType.set(id, packed(after));
    this.#size += after.length - before.length;
    if (!isNew) return;
    this.#version += 1;
    if (effective_at !== undefined) this.#expect(effective_at);
  }

  /**
   * What has become of a token; undefined: nothing that the feed would know of.
   * @param ids by `revocationIdsOf`
   * @param pos the token's claim; 0 where it has none
   * @param nowSeconds NumericDate
   */
  hit(ids: readonly RevocationId[], pos: number, nowSeconds: number): RevocationHit | undefined {
    let worst: RevocationHit | undefined;
    for (const { type, id } of ids) {
      const hit = this.#hitBy(type, id, pos, nowSeconds);
      if (hit === 'final') return hit;
      worst ??= hit;
    }
    return worst;
  }

  /**
   * What has become of a token with these claims: as `hit` says of all that `revocationIdsOf` names,
   * without a list of them.
   * @param kid of the key that its signature was verified under
   */
  hitOf(claims: AccessTokenClaims, kid: string, nowSeconds: number): RevocationHit | undefined {
    const { pos = 0 } = claims;
    let worst: RevocationHit | undefined;
    const visit = (type: RevocationType, id: string) => {
      if (worst !== 'final') worst = this.#hitBy(type, id, pos, nowSeconds) ?? worst;
    };
    eachRevocationId(claims, kid, visit, this.#held);
    return worst;
  }

  /**
   * Drops what nothing alive can meet any more, and what makes no difference from now on.
   * @param nowSeconds NumericDate
   */
  prune(nowSeconds: number): void {
    this.#nextEffectiveAt = Infinity;
    for (const type of Object.keys(this.#held) as RevocationType[]) {
      const ofType = this.#held[type];
      for (const [id, known] of ofType) {
        const before = listOf(known);
        const after = pruned(before, hitsAlways(type), nowSeconds);
        for (const { effectiveAt } of after)
          if (effectiveAt > nowSeconds) this.#expect(effectiveAt);
        if (after === before) continue;
        this.#size += after.length - before.length;
        if (after.length === 0) ofType.delete(id);
        else ofType.set(id, packed(after));
      }
    }
  }

  /** Forgets everything, for a feed that starts over. */
  clear(): void {
    for (const ofType of Object.values(this.#held)) ofType.clear();
    this.#size = 0;
    this.#version += 1;
    this.#nextEffectiveAt = Infinity;
  }

  #hitBy(
    type: RevocationType,
    id: string,
    pos: number,
    nowSeconds: number,
  ): RevocationHit | undefined {
    const ofType = this.#held[type];
    // To look an id up is to hash it first; of most types there is mostly nothing.
    const known = ofType.size === 0 ? undefined : ofType.get(id);
    if (known === undefined) return undefined;
    let worst: RevocationHit | undefined;
    for (const { position, final, effectiveAt } of listOf(known)) {
      if (effectiveAt > nowSeconds) continue;
      if (pos >= position && !hitsAlways(type)) continue;
      if (final) return 'final';
      worst = 'changed';
    }
    return worst;
  }

  #expect(effectiveAt: number): void {
    this.#nextEffectiveAt = Math.min(this.#nextEffectiveAt, effectiveAt);
  }
}

const NONE: readonly Held[] = Object.freeze([]);

/** These hit a token whenever it was issued. */
function hitsAlways(type: RevocationType): boolean {
  return type === 'jti' || type === 'kid';
}

function listOf(known: HeldOfId | undefined): readonly Held[] {
  if (known === undefined) return NONE;
  return 'length' in known ? known : [known];
}

function packed(list: readonly Held[]): HeldOfId {
  const [only] = list;
  return only !== undefined && list.length === 1 ? only : list;
}

/**
 * The list with another entry at its end, without those that it makes superfluous; or, where one that
 * is there says as much, with that one, in its place.
 */
function withAnother(list: readonly Held[], added: Held, isAlways: boolean): readonly Held[] {
  const stronger = list.find((held) => saysAsMuch(held, added, isAlways));
  if (stronger !== undefined) {
    const expiresAt = Math.max(stronger.expiresAt, added.expiresAt);
    return expiresAt === stronger.expiresAt
      ? list
      : list.map((held) => (held === stronger ? { ...held, expiresAt } : held));
  }
  const rest = list.filter((held) => !saysAsMuch(added, held, isAlways));
  const superfluous = list.filter((held) => !rest.includes(held));
  const expiresAt = Math.max(added.expiresAt, ...superfluous.map((held) => held.expiresAt));
  return [...rest, { ...added, expiresAt }];
}

function pruned(list: readonly Held[], isAlways: boolean, nowSeconds: number): readonly Held[] {
  if (list.length === 1)
    return list.every(({ expiresAt }) => expiresAt >= nowSeconds) ? list : NONE;
  let left: readonly Held[] = NONE;
  for (const held of list) {
    if (held.expiresAt < nowSeconds) continue;
    const effectiveAt = held.effectiveAt > nowSeconds ? held.effectiveAt : 0;
    left = withAnother(left, { ...held, effectiveAt }, isAlways);
  }
  return left;
}

/** Whether `one` hits whatever `other` hits, as early and as hard. */
function saysAsMuch(one: Held, other: Held, isAlways: boolean): boolean {
  return (
    (isAlways || one.position >= other.position) &&
    (one.final || !other.final) &&
    one.effectiveAt <= other.effectiveAt
  );
}
