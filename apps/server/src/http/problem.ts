import { PROBLEMS, type ProblemCode } from '@countersign/contracts';
import { HttpException } from '@nestjs/common';
import { withResourceMetadata } from './challenge.js';

/** One thing that is wrong with a request: where, and a sentence about it. */
export interface FieldError {
  /** Path of the member with dots, such as `restrictions.ips.0`; never its value. */
  readonly field: string;
  readonly message: string;
}

export interface ProblemOptions extends ErrorOptions {
  readonly errors?: readonly FieldError[];
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * An error that the caller of the admin API is told about. `detail` goes out as it stands: it names
 * no secret and repeats nothing that was submitted.
 * @see RFC 9457
 */
export class ProblemException extends HttpException {
  override readonly name = 'ProblemException';
  readonly errors: readonly FieldError[] | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    readonly code: ProblemCode,
    readonly detail: string,
    options: ProblemOptions = {},
  ) {
    super(detail, PROBLEMS[code].status, { cause: options.cause });
    this.errors = options.errors;
    this.headers = options.headers ?? {};
  }

  /** The same problem, with a challenge that says where the resource's metadata is. */
  pointingTo(metadataUrl: string): ProblemException {
    const challenge = this.headers['www-authenticate'];
    if (challenge === undefined) return this;
    return new ProblemException(this.code, this.detail, {
      cause: this.cause,
      headers: {
        ...this.headers,
        'www-authenticate': withResourceMetadata(challenge, metadataUrl),
      },
      ...(this.errors && { errors: this.errors }),
    });
  }
}

/** `validation_failed`, with each field that is wrong. */
export function validationFailed(errors: readonly FieldError[]): ProblemException {
  return new ProblemException('validation_failed', 'Some fields are not valid; see `errors`.', {
    errors,
  });
}

/** `not_found`, the same for what does not exist and for what the caller may not see. */
export function notFound(resource = 'resource'): ProblemException {
  return new ProblemException('not_found', `There is no such ${resource}.`);
}
