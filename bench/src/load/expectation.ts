import { type Answer, textOf } from './answer.js';

/** What every answer must be; a measurement of wrong answers is none. */
export interface Expectation {
  readonly status: number;
  /** What the body begins with. */
  readonly bodyStart: Buffer;
}

/** An introspection that says that the credential is good. */
export const ACTIVE = expectation(200, '{"active":true');
/** An introspection that says that it is not. */
export const INACTIVE = expectation(200, '{"active":false}');
/** A decision that allows the use. */
export const ALLOWED = expectation(200, '{"allowed":true');
/** A gateway may let the request through. */
export const LET_THROUGH = expectation(200, '');
/** A token was issued. */
export const ISSUED = expectation(200, '{"access_token":"');
/** A token was revoked. */
export const REVOKED = expectation(200, '{');
/** The caller's own credential is turned away. */
export const TURNED_AWAY = expectation(401, '{"error":"invalid_token"');

export function isExpected({ status, bytes, bodyStart }: Answer, expected: Expectation): boolean {
  const start = expected.bodyStart;
  return (
    status === expected.status &&
    bytes.length >= bodyStart + start.length &&
    start.compare(bytes, bodyStart, bodyStart + start.length) === 0
  );
}

/** An answer is not what it must be. */
export class UnexpectedAnswer extends Error {
  override readonly name = 'UnexpectedAnswer';

  constructor(answer: Answer, { status, bodyStart }: Expectation) {
    super(`expected ${status} with ${bodyStart.toString()}…, and got:\n${textOf(answer)}`);
  }
}

function expectation(status: number, bodyStart: string): Expectation {
  return { status, bodyStart: Buffer.from(bodyStart) };
}
