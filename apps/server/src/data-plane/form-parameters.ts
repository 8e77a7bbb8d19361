/** A form body that cannot be read as one; `message` names the parameter. */
export class MalformedForm extends Error {
  override readonly name = 'MalformedForm';
}

// Printable ASCII only: everything else travels percent-encoded (WHATWG URL §5.2).
const UNENCODED = /[^\x21-\x7E]/;
// NUL and the other C0 controls and DEL have no place in any parameter.
const CONTROL = /[\x00-\x1F\x7F]/;

/**
 * The parameters of an `application/x-www-form-urlencoded` body, read strictly: invalid UTF-8,
 * control characters and unencoded bytes are errors, never replaced.
 * @see RFC 6749 Appendix B, §3.2: a parameter without a value counts as omitted, and none may be
 * sent twice
 */
export class FormParameters {
  readonly #names: string[] = [];
  readonly #values: string[] = [];

  /** @throws {MalformedForm} */
  constructor(body: string) {
    if (UNENCODED.test(body)) {
      throw new MalformedForm('the body must be percent-encoded: it has white space or raw bytes');
    }
    let start = 0;
    while (start < body.length) {
      let end = body.indexOf('&', start);
      if (end === -1) end = body.length;
      this.#add(body.slice(start, end));
      start = end + 1;
    }
  }

  /**
   * The value of a parameter that may be sent once; undefined when it was omitted.
   * @throws {MalformedForm} when it was sent twice
   */
  one(name: string): string | undefined {
    const at = this.#names.indexOf(name);
    if (at === -1) return undefined;
    if (this.#names.indexOf(name, at + 1) !== -1) {
      throw new MalformedForm(`${name} was sent more than once; send it once`);
    }
    return this.#values[at];
  }

  /** The values of a parameter that may be repeated, in order and without repeats. */
  all(name: string): string[] {
    if (!this.#names.includes(name)) return [];
    return [...new Set(this.#values.filter((_, at) => this.#names[at] === name))];
  }

  #add(pair: string): void {
    const equals = pair.indexOf('=');
    if (equals === -1 || equals === pair.length - 1) return;
    const name = decoded(pair.slice(0, equals), 'a parameter name');
    this.#names.push(name);
    this.#values.push(decoded(pair.slice(equals + 1), name));
  }
}

function decoded(text: string, name: string): string {
  if (!text.includes('%') && !text.includes('+')) return text;
  const value = percentDecoded(text.replaceAll('+', ' '), name);
  if (CONTROL.test(value)) throw new MalformedForm(`${printable(name)} has a control character`);
  return value;
}

function percentDecoded(text: string, name: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new MalformedForm(`${printable(name)} is not percent-encoded UTF-8`);
  }
}

/** An `error_description` holds printable ASCII only. @see RFC 6749 §5.2 */
function printable(name: string): string {
  return /^[\x21\x23-\x5B\x5D-\x7E ]{1,64}$/.test(name) ? name : 'a parameter';
}
