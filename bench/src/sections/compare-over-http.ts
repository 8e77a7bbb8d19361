import { askOnce } from '../load/ask-once.js';
import { runClosedLoop } from '../load/closed-loop.js';
import type { Expectation } from '../load/expectation.js';
import type { RequestSource } from '../load/requests.js';
import { interleave } from '../measure/interleave.js';
import { sideBySide } from '../measure/side-by-side.js';
import type { Compared } from '../report/comparison.js';
import type { Reference } from '../running/reference.js';
import type { Service } from '../running/service.js';
import { requireSameAnswer } from './same-answer.js';
import { warmUp } from './warm-up.js';

export interface HttpComparison {
  readonly service: Service;
  /** Set up to answer as the service does. */
  readonly reference: Reference;
  readonly requests: RequestSource;
  readonly expected: Expectation;
  readonly rounds: number;
  readonly seconds: number;
}

/**
 * The same requests to the reference and to the service: by turns, and then at the same time. Both
 * processes are there all the time, on the same core.
 */
export async function compareOverHttp(comparison: HttpComparison): Promise<Omit<Compared, 'name'>> {
  const { service, reference, requests, expected, rounds, seconds } = comparison;
  requireSameAnswer(
    await askOnce(service.port, requests(), expected),
    await askOnce(reference.port, requests(), expected),
  );
  const loopAt = ({ port, pid }: { port: number; pid: number }) => ({
    port,
    pid,
    requests,
    expected,
  });
  await warmUp(loopAt(reference));
  await warmUp(loopAt(service));
  const askReference = () => runClosedLoop({ ...loopAt(reference), seconds });
  const askService = () => runClosedLoop({ ...loopAt(service), seconds });
  return {
    pair: await interleave(rounds, askReference, askService),
    together: await sideBySide(rounds, askReference, askService),
  };
}
