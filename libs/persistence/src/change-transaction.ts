import { setTimeout as delay } from 'node:timers/promises';
import type { AuditedResource, Metadata } from '@countersign/contracts';
import type { ChangeKind } from '@countersign/core';
import type { DataSource, EntityManager } from 'typeorm';
import { monotonicFactory } from 'ulid';
import { auditContent } from './audit-content.js';
import { AuditEventEntity } from './entities/index.js';
import { insertRevocations } from './insert-revocations.js';
import { isTransactionConflict, mapDatabaseFailure } from './map-database-failure.js';
import type { RevokedByChange } from './revoked-by-change.js';

/** Channel on which Postgres tells that the feed has grown; the payload is the last position. */
export const CHANGES_CHANNEL = 'countersign_changes';

const ATTEMPTS = 3;
const RETRY_PAUSE_MS = 10;
const newUlid = monotonicFactory();

/** Who makes a change, by which credential and from where. */
export interface AuditActor {
  /** null: the service itself. */
  readonly principalId: string | null;
  readonly credentialType: string | null;
  readonly credentialId: string | null;
  readonly sourceIp: string | null;
  readonly userAgent: string | null;
  readonly requestId: string | null;
}

/** What is put on record about one resource. `before` and `after` are JSON, without secrets. */
export interface AuditedChange {
  /** `key.created`, `key.revoked`, … */
  readonly action: string;
  readonly resourceType: AuditedResource;
  readonly resourceId: string;
  readonly organizationId: string | null;
  readonly before: object | null;
  readonly after: object | null;
  readonly reason?: string | null;
}

export interface CommittedChange<T> {
  readonly result: T;
  /** The last position of the feed that the change took; null when it told the feed nothing. */
  readonly position: number | null;
  /** Whether it took anything away. */
  readonly revokes: boolean;
}

/**
 * Runs `work` in a transaction (READ COMMITTED), and commits with it what it put on record and what
 * it told the change feed. When `work` throws, nothing of it remains: no row, no record, no gap.
 * Runs `work` anew, twice at most, when Postgres gave the transaction up for another's sake: what it
 * does outside the database must bear that.
 *
 * @throws {UniqueViolation} @throws {ForeignKeyViolation} @throws {DependencyUnavailable}
 *   also when the connection was lost during the commit: then nobody can tell whether it happened
 */
export async function runChangeTransaction<T>(
  dataSource: DataSource,
  actor: AuditActor,
  work: (tx: ChangeTransaction) => Promise<T>,
): Promise<CommittedChange<T>> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await attemptChange(dataSource, actor, work);
    } catch (failure) {
      if (attempt === ATTEMPTS || !isTransactionConflict(failure))
        throw mapDatabaseFailure(failure);
      // Or the same two would meet again: the one that was let through has to be through first.
      await delay(attempt * RETRY_PAUSE_MS * (1 + Math.random()));
    }
  }
}

async function attemptChange<T>(
  dataSource: DataSource,
  actor: AuditActor,
  work: (tx: ChangeTransaction) => Promise<T>,
): Promise<CommittedChange<T>> {
  return dataSource.transaction('READ COMMITTED', async (manager) => {
    const collected: Collected = {
      audited: [],
      entries: new Map(),
      atPosition: [],
      revokes: false,
      closed: false,
    };
    const tx = new ChangeTransaction(manager, new Date(), collected);
    const result = await work(tx);
    collected.closed = true;
    await recordAudited(tx, actor, collected.audited);
    // Last, so that everyone takes its locks in this order and the head is held only to commit.
    const position = await appendToFeed(tx, inOrder([...collected.entries.values()]));
    if (position !== null) for (const remember of collected.atPosition) await remember(position);
    return { result, position, revokes: collected.revokes };
  });
}

interface Collected {
  readonly audited: (AuditedChange & { before: Metadata | null; after: Metadata | null })[];
  readonly entries: Map<string, FeedEntry>;
  readonly atPosition: ((position: number) => Promise<unknown>)[];
  revokes: boolean;
  closed: boolean;
}

interface FeedEntry {
  readonly kind: ChangeKind;
  readonly subject: string;
  /** Not null where `kind` is `revocation`. */
  readonly revoked: (RevokedByChange & { readonly expiresAt: Date | undefined }) | null;
}

/** The transaction that a change is made in. Made by `runChangeTransaction` only. */
export class ChangeTransaction {
  constructor(
    readonly manager: EntityManager,
    /** The moment of the change: for `created_at`, `updated_at`, `revoked_at`. */
    readonly now: Date,
    private readonly collected: Collected,
  ) {}

  /**
   * Puts a change on record; written when the transaction ends.
   * @throws {TypeError} when `before` or `after` is not JSON or may hold a secret
   */
  audit(change: AuditedChange): void {
    this.assertOpen();
    const { before, after } = change;
    this.collected.audited.push({
      ...change,
      before: before && auditContent(before),
      after: after && auditContent(after),
    });
  }

  /** Tells the feed that what memory holds of `subject` is no longer right. Twice the same is once. */
  changed(kind: Exclude<ChangeKind, 'revocation'>, subject: string): void {
    this.assertOpen();
    this.collected.entries.set(`${kind} ${subject}`, { kind, subject, revoked: null });
  }

  /**
   * Puts what the change takes away into the log of revocations. Memory has to be told besides, by
   * `changed`. Twice the same is once.
   * @param expiresAt when what it hits expires by itself. Default: as late as any token can that was
   *   issued before the change
   */
  revoked(revoked: RevokedByChange, expiresAt?: Date): void {
    this.assertOpen();
    this.collected.revokes = true;
    const { type, id, final, effectiveAt } = revoked;
    const from = effectiveAt?.getTime() ?? '';
    this.collected.entries.set(`revocation ${type} ${final} ${from} ${id}`, {
      kind: 'revocation',
      subject: id,
      revoked: { ...revoked, expiresAt },
    });
  }

  /**
   * Says that the change takes something away that no token tells of, such as what one may introspect:
   * nothing for the log of revocations, and yet to be waited for like one.
   */
  narrowed(): void {
    this.assertOpen();
    this.collected.revokes = true;
  }

  /**
   * Has a row remember where in the feed the change is: `remember` gets the last of its positions, once
   * they are taken and before it is committed; never, where the change tells the feed nothing. Only for
   * rows that the change has locked already: the head of the feed is locked by then, which comes last.
   */
  atPosition(remember: (position: number) => Promise<unknown>): void {
    this.assertOpen();
    this.collected.atPosition.push(remember);
  }

  private assertOpen(): void {
    if (this.collected.closed) throw new Error('the change has ended: await what it consists of');
  }
}

async function recordAudited(
  { manager, now }: ChangeTransaction,
  actor: AuditActor,
  audited: Collected['audited'],
): Promise<void> {
  if (audited.length === 0) return;
  const rows = audited.map((change) => ({
    id: `aud_${newUlid(now.getTime())}`,
    occurredAt: now,
    action: change.action,
    actorPrincipalId: actor.principalId,
    actorCredentialType: actor.credentialType,
    actorCredentialId: actor.credentialId,
    sourceIp: actor.sourceIp,
    userAgent: actor.userAgent,
    requestId: actor.requestId,
    organizationId: change.organizationId,
    resourceType: change.resourceType,
    resourceId: change.resourceId,
    reason: change.reason ?? null,
    before: change.before,
    after: change.after,
  }));
  await manager.insert(AuditEventEntity, rows);
}

/**
 * Revocations last. Who has applied one has then applied all that empties memory, and a token that says
 * to be as new as the revocation was made of nothing older.
 */
function inOrder(entries: readonly FeedEntry[]): FeedEntry[] {
  return entries.toSorted((a, b) => Number(a.revoked !== null) - Number(b.revoked !== null));
}

/** Takes the next positions. Holds the head's lock from here until the transaction ends. */
async function appendToFeed(
  { manager, now }: ChangeTransaction,
  entries: readonly FeedEntry[],
): Promise<number | null> {
  if (entries.length === 0) return null;
  const [head] = await manager.query<{ position: string }[]>(
    `WITH head AS (
       UPDATE change_head SET position = position + $1 WHERE id = 1 RETURNING position
     ), appended AS (
       INSERT INTO changes (position, kind, subject)
       SELECT head.position - $1 + entry.ordinality, entry.kind, entry.subject
       FROM head, unnest($2::text[], $3::text[]) WITH ORDINALITY AS entry (kind, subject, ordinality)
     )
     SELECT position, pg_notify('${CHANGES_CHANNEL}', position::text) FROM head`,
    [entries.length, entries.map(({ kind }) => kind), entries.map(({ subject }) => subject)],
  );
  const position = Number(head?.position);
  const first = position - entries.length + 1;
  const revocations = entries.flatMap(({ revoked }, index) =>
    revoked === null ? [] : [{ ...revoked, position: first + index }],
  );
  await insertRevocations(manager, revocations, now);
  return position;
}
