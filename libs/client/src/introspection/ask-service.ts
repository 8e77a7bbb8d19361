import type { Clock } from '../clock.js';
import { momentOf } from '../moment.js';
import type { ServiceConnection } from '../service/service-connection.js';
import { ServiceFailure } from '../service/service-failure.js';
import { type IntrospectionAnswer, readAnswer } from './introspection-answer.js';
import type { Question } from './question.js';

/**
 * Asks the service about a credential, once.
 * @throws {ServiceFailure}
 * @see RFC 7662 §2.1
 */
export async function askService(
  service: ServiceConnection,
  clock: Clock,
  question: Question,
  signal: AbortSignal,
): Promise<IntrospectionAnswer> {
  // From before the request: the answer is about some time after this.
  const askedAt = momentOf(clock);
  const response = await service.send('/introspect', {
    method: 'POST',
    form: formOf(question),
    signal,
  });
  let body: unknown;
  try {
    body = await response.json();
  } catch (cause) {
    throw new ServiceFailure('malformed', 'an answer is not JSON', { cause });
  }
  const answer = readAnswer(body, askedAt);
  if (answer === undefined) throw new ServiceFailure('malformed', 'an answer cannot be read');
  return answer;
}

/** Of a credential that is restricted to addresses, methods or paths, only the request can tell. */
function formOf({ credential, ip, method, path, certificateThumbprint }: Question) {
  const form = new URLSearchParams({ token: credential });
  if (ip !== undefined) form.set('ip', ip);
  if (method !== undefined) form.set('method', method);
  if (path !== undefined) form.set('path', path);
  if (certificateThumbprint !== undefined) {
    form.set('certificate_thumbprint', certificateThumbprint);
  }
  return form;
}
