import {
  audience,
  SCOPE_SET_MAX,
  SCOPE_TOKEN_MAX_CHARS,
  SCOPE_TOKEN_PATTERN,
} from '@countersign/contracts';

/** What a gateway asks of a request before it lets it through. */
export interface Requirement {
  /** All of them must be held. */
  readonly scopes: readonly string[];
  /** The upstream's audience; undefined: none, and a credential for somebody else's is refused. */
  readonly audience: string | undefined;
  /** A request without any credential passes, as nobody. One that is presented must be good. */
  readonly optional: boolean;
}

/** The gateway asks wrongly; `message` names the parameter, and is for whoever configured it. */
export class WrongRequirement extends Error {
  override readonly name = 'WrongRequirement';
}

/** What is asked where a gateway asks nothing in particular. */
export const ANY_CREDENTIAL: Requirement = { scopes: [], audience: undefined, optional: false };

// A gateway has a handful of routes, and asks briefly. Should end clients get to write the text,
// memory stays bounded.
const REMEMBERED_MAX = 1_000;
const REMEMBERED_MAX_CHARS = 2_048;
const remembered = new Map<string, Requirement>();

/**
 * Reads a requirement, form-encoded: `scopes` (separated by spaces), `audience`, `optional` (`true` or
 * `false`), each at most once. Anything else is an error, since a parameter that is misspelt and
 * overlooked would open the route.
 * @throws {WrongRequirement}
 */
export function readRequirement(encoded: string): Requirement {
  if (encoded === '') return ANY_CREDENTIAL;
  if (encoded.length > REMEMBERED_MAX_CHARS) return requirementOf(new URLSearchParams(encoded));
  const known = remembered.get(encoded);
  if (known !== undefined) return known;
  // A part of a string keeps the whole in memory, which here is a URL of any length; a copy does not.
  const copy = Buffer.from(encoded).toString();
  const requirement = requirementOf(new URLSearchParams(copy));
  if (remembered.size >= REMEMBERED_MAX) remembered.clear();
  remembered.set(copy, requirement);
  return requirement;
}

/**
 * The requirement that these names and values stand for, by the same rules.
 * @throws {WrongRequirement}
 */
export function requirementOf(
  parameters: Iterable<readonly [name: string, value: string]>,
): Requirement {
  const values = new Map<string, string>();
  for (const [name, value] of parameters) {
    if (name !== 'scopes' && name !== 'audience' && name !== 'optional') {
      throw new WrongRequirement('there are the parameters scopes, audience and optional only');
    }
    if (values.has(name)) throw new WrongRequirement(`${name} is given more than once`);
    values.set(name, value);
  }
  return {
    scopes: readScopes(values.get('scopes')),
    audience: readAudience(values.get('audience')),
    optional: readOptional(values.get('optional')),
  };
}

function readScopes(value: string | undefined): readonly string[] {
  if (value === undefined) return [];
  const scopes = value.split(' ');
  if (scopes.length > SCOPE_SET_MAX) {
    throw new WrongRequirement(`scopes must be at most ${SCOPE_SET_MAX} scope tokens`);
  }
  if (scopes.some((scope) => scope.length > SCOPE_TOKEN_MAX_CHARS)) {
    throw new WrongRequirement(
      `scopes must be scope tokens of at most ${SCOPE_TOKEN_MAX_CHARS} characters`,
    );
  }
  if (scopes.every((scope) => SCOPE_TOKEN_PATTERN.test(scope))) return scopes;
  throw new WrongRequirement('scopes must be scope tokens, each separated by one space');
}

function readAudience(value: string | undefined): string | undefined {
  if (value === undefined || audience.safeParse(value).success) return value;
  throw new WrongRequirement('audience must be an absolute URI without fragment');
}

function readOptional(value: string | undefined): boolean {
  if (value === undefined || value === 'false') return false;
  if (value === 'true') return true;
  throw new WrongRequirement('optional must be true or false');
}
