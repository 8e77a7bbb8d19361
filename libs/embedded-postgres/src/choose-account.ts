import { spawnSync } from 'node:child_process';
import { userInfo } from 'node:os';

/** Whom Postgres runs as. It refuses to run as root, and to use data of anyone but itself. */
export interface Account {
  /** `self`: as this process; `mapped`: this account under another name; `other`: another account. */
  kind: 'self' | 'mapped' | 'other';
  /** Owner of Postgres's files, as seen from this process. */
  uid: number;
  gid: number;
}

/** Precedes a command to run it as uid 65534 ("nobody") in a user namespace of its own. */
export const MAPPED_PREFIX = [
  'unshare',
  '--user',
  '--map-user=65534',
  '--map-group=65534',
  '--',
] as const;

/**
 * Chooses the account for data that belongs to `owner`.
 *
 * An ordinary user runs Postgres plainly. Root runs it as the owner of the data, if that is someone
 * else; otherwise in a user namespace, where root's files appear as nobody's; otherwise, where
 * namespaces are forbidden (as in most containers), as `postgres` or `nobody`, who is then given
 * the data.
 */
export function chooseAccount(owner: { uid: number; gid: number }): Account {
  const uid = process.geteuid?.() ?? 0;
  const self = { uid, gid: process.getegid?.() ?? 0 };
  if (uid !== 0) {
    // initdb wants a name for its user id, which one picked by a container platform lacks.
    return { kind: hasName() || !canMap() ? 'self' : 'mapped', ...self };
  }
  if (owner.uid !== 0) return { kind: 'other', ...owner };
  if (canMap()) return { kind: 'mapped', ...self };
  const other = findAccount('postgres') ?? findAccount('nobody');
  return other ? { kind: 'other', ...other } : { kind: 'self', ...self };
}

function hasName(): boolean {
  try {
    return userInfo().username !== '';
  } catch {
    return false;
  }
}

function canMap(): boolean {
  const [command, ...args] = MAPPED_PREFIX;
  return spawnSync(command, [...args, 'true'], { stdio: 'ignore' }).status === 0;
}

function findAccount(name: string): { uid: number; gid: number } | undefined {
  const [uid, gid] = ['-u', '-g'].map((flag) => {
    const { status, stdout } = spawnSync('id', [flag, name], { encoding: 'utf8' });
    return status === 0 ? Number(stdout) : Number.NaN;
  });
  return Number.isInteger(uid) && Number.isInteger(gid)
    ? { uid: uid as number, gid: gid as number }
    : undefined;
}
