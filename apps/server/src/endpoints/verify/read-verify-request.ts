import {
  audience as audienceSchema,
  type EndClientContext,
  isScopeExpression,
  type VerifyRequest,
  verifyRequest,
} from '@countersign/contracts';
import { parseJsonBody } from '../../data-plane/parse-json-body.js';

/**
 * The question of `POST /v1/verify`, as the schema has it that also documents it. What is asked most
 * is told right by hand, for a fraction of what the schema costs; all else, and whatever is wrong, is
 * the schema's to judge.
 * @param body as it was read from JSON
 * @throws {ProblemException} naming the fields that are wrong
 */
export function readVerifyRequest(body: unknown): VerifyRequest {
  return readUsualRequest(body) ?? parseJsonBody(verifyRequest, body);
}

const MEMBERS: ReadonlySet<string> = new Set(Object.keys(verifyRequest.shape));
const COST_MAX = 1_000_000;

/**
 * What the schema makes of `body`, where nothing about it is unusual.
 * @returns undefined: to be read by the schema
 */
export function readUsualRequest(body: unknown): VerifyRequest | undefined {
  if (!isObjectOf(body, MEMBERS)) return undefined;
  const { credential, audience, required_scopes, context } = body;
  const { cost = 1, explain = false, dry_run = false } = body;
  if (typeof credential !== 'string' || credential === '') return undefined;
  if (audience !== undefined && !isAudience(audience)) return undefined;
  if (required_scopes !== undefined && !isScopeExpression(required_scopes)) return undefined;
  if (context !== undefined && !isUsualContext(context)) return undefined;
  if (!isCost(cost) || typeof explain !== 'boolean' || typeof dry_run !== 'boolean') {
    return undefined;
  }
  return { credential, audience, required_scopes, context, cost, explain, dry_run };
}

function isObjectOf(
  value: unknown,
  members: ReadonlySet<string>,
): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  for (const name in value) if (!members.has(name)) return false;
  return true;
}

function isCost(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= COST_MAX;
}

const CONTEXT_MEMBERS: ReadonlySet<string> = new Set(['ip', 'method', 'path']);

/** A context with what restrictions speak of; proofs and certificates are the schema's. */
function isUsualContext(value: unknown): value is EndClientContext {
  return (
    isObjectOf(value, CONTEXT_MEMBERS) &&
    isTextOrAbsent(value['ip'], 64) &&
    isTextOrAbsent(value['method'], 32) &&
    isTextOrAbsent(value['path'], 8192)
  );
}

function isTextOrAbsent(value: unknown, maxChars: number): boolean {
  if (value === undefined) return true;
  return typeof value === 'string' && value !== '' && value.length <= maxChars;
}

// A caller asks about a handful of APIs, again and again.
const REMEMBERED_MAX = 1_000;
const knownAudiences = new Set<string>();

function isAudience(value: unknown): value is string {
  if (typeof value !== 'string') return false;
  if (knownAudiences.has(value)) return true;
  if (!audienceSchema.safeParse(value).success) return false;
  if (knownAudiences.size >= REMEMBERED_MAX) knownAudiences.clear();
  knownAudiences.add(value);
  return true;
}
