import { hash, randomBytes } from 'node:crypto';
import type { Question } from './question.js';

/**
 * Makes the names under which answers are remembered: SHA-256 over a key of the process's own and the
 * question. Neither a credential nor anything by which it could be guessed is held in memory.
 */
export class QuestionDigest {
  // The prefix keys it: to extend a digest one would have to see one.
  readonly #processKey = randomBytes(32).toString('latin1');

  /** Of the credential, with the certificate that it came with: what an answer is about. */
  ofCredential({ credential, certificateThumbprint = '' }: Question): string {
    return hash('sha256', `${this.#processKey}${certificateThumbprint}\n${credential}`, 'binary');
  }

  /** Of all that was asked: a credential may be good for one request and not for another. */
  ofQuestion(question: Question): string {
    const { credential, certificateThumbprint, ip, method, path } = question;
    const all = JSON.stringify([credential, certificateThumbprint, ip, method, path]);
    return hash('sha256', this.#processKey + all, 'binary');
  }
}
