import { inspect } from 'node:util';

const REDACTED = '[redacted]';

/**
 * A value that must not reach a log, an error or an answer. It prints `[redacted]` wherever it is
 * turned into text by accident; only `reveal` gives it, so that every use can be searched for.
 */
export class Secret {
  // A private field, unlike a private member, is out of reach of serializers and of inspect.
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return REDACTED;
  }

  toJSON(): string {
    return REDACTED;
  }

  [Symbol.toPrimitive](): string {
    return REDACTED;
  }

  [inspect.custom](): string {
    return REDACTED;
  }
}
