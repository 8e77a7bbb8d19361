import type { Random } from '../random.js';
import type { ScheduleOptions } from './schedule-options.js';
import type { Taken, TakingStep } from './step.js';
import { PRINCIPAL_SCOPES, ROLE_SCOPES, WORLD } from './world.js';

const FIRST_AT_MS = 100;
const TAKINGS_MIN = 10;
const TAKINGS_MAX = 18;
const COLD_PROBABILITY = 0.4;
const COLD_LEAD_MAX_MS = 120;
const LATE_READS_SHARE = 0.4;
const IMPATIENT_PROBABILITY = 0.2;
const RETRIES_MAX = 3;
/** Everything that is signed dies with it, so that little would be left to try. */
const COMPROMISE_PROBABILITY = 0.1;

/** As often as it stands here. What takes from many comes seldom, or nothing valid would be left. */
const KINDS: readonly Taken['take'][] = [
  ...Array<Taken['take']>(4).fill('revoke-key'),
  'delete-key',
  'disable-key',
  'revoke-key-by-itself',
  ...Array<Taken['take']>(3).fill('rotate-key'),
  ...Array<Taken['take']>(4).fill('revoke-token'),
  ...Array<Taken['take']>(2).fill('revoke-family'),
  ...Array<Taken['take']>(2).fill('disable-principal'),
  'delete-principal',
  'disable-organization',
  'narrow-role',
  ...Array<Taken['take']>(2).fill('narrow-principal'),
  ...Array<Taken['take']>(2).fill('narrow-key'),
  'drop-roles',
];

/** Takings at random, each of something that nothing else takes. */
export function scheduleTakings(
  random: Random,
  { durationMs, replicas }: ScheduleOptions,
): TakingStep[] {
  const wanted = Array.from({ length: random.between(TAKINGS_MIN, TAKINGS_MAX) }, (_, index) =>
    chooseTaken(random, index),
  );
  if (random.chance(COMPROMISE_PROBABILITY)) wanted.push({ take: 'compromise-signing-key' });
  const distinct = new Map(wanted.map((taken) => [victimOf(taken), taken]));
  return [...distinct.values()].map((taken) => {
    const replica = random.between(0, replicas - 1);
    return {
      do: 'take',
      atMs: random.between(FIRST_AT_MS, durationMs),
      replica,
      taken,
      ...chooseMeeting(random, replica, replicas),
      impatient: random.chance(IMPATIENT_PROBABILITY),
      retries: random.between(0, RETRIES_MAX),
    };
  });
}

/** How the replicas come to know what is taken: long before, at that moment, or too late. */
function chooseMeeting(random: Random, replica: number, replicas: number) {
  if (!random.chance(COLD_PROBABILITY)) return { coldLeadMs: null, lateReadsAt: null };
  if (!random.chance(LATE_READS_SHARE)) {
    return { coldLeadMs: random.between(0, COLD_LEAD_MAX_MS), lateReadsAt: null };
  }
  const lateReadsAt = (replica + random.between(1, replicas - 1)) % replicas;
  return { coldLeadMs: COLD_LEAD_MAX_MS, lateReadsAt };
}

function chooseTaken(random: Random, index: number): Taken {
  const take = random.pick(KINDS);
  const key = random.pick(WORLD.keys).name;
  const principal = random.pick(WORLD.principals).name;
  switch (take) {
    case 'revoke-key':
    case 'delete-key':
    case 'disable-key':
    case 'revoke-key-by-itself':
      return { take, key };
    case 'rotate-key':
      return { take, key, graceSeconds: random.pick([0, 0, 1, 2]), newVersion: `${key}.r${index}` };
    case 'revoke-token':
      return { take, token: random.pick(WORLD.tokens).name };
    case 'revoke-family':
      return { take, family: random.pick(WORLD.families).name };
    case 'disable-principal':
    case 'delete-principal':
    case 'drop-roles':
      return { take, principal };
    case 'disable-organization':
      return { take, organization: random.pick(WORLD.organizations) };
    case 'narrow-role':
      return { take, role: random.pick(WORLD.roles), scope: random.pick(ROLE_SCOPES) };
    case 'narrow-principal':
      return { take, principal, scope: random.pick(PRINCIPAL_SCOPES) };
    case 'narrow-key':
      return { take, key, scope: random.pick([...PRINCIPAL_SCOPES, ...ROLE_SCOPES]) };
    case 'compromise-signing-key':
      return { take };
  }
}

/** Two of the same would only get in each other's way. */
function victimOf(taken: Taken): string {
  const { take: _, ...victim } = taken;
  const [what, name] = Object.entries(victim)[0] ?? ['signing key', ''];
  return `${what} ${String(name)}`;
}
