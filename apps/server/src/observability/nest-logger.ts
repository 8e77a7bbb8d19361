import type { LoggerService } from '@nestjs/common';
import type { Logger } from './logger.js';

// What Nest says about every module and route at each start.
const CHATTY = new Set(['InstanceLoader', 'NestFactory', 'RouterExplorer', 'RoutesResolver']);

type Level = 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace';

/**
 * Sends what Nest, and our own code by Nest's `Logger`, has to say to the log. A message may be a
 * text, an object whose members become members of the line, or an error.
 */
export class NestLogger implements LoggerService {
  readonly #logger: Logger;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  log(message: unknown, ...rest: unknown[]): void {
    this.#write('info', message, rest);
  }

  fatal(message: unknown, ...rest: unknown[]): void {
    this.#write('fatal', message, rest);
  }

  error(message: unknown, ...rest: unknown[]): void {
    this.#write('error', message, rest);
  }

  warn(message: unknown, ...rest: unknown[]): void {
    this.#write('warn', message, rest);
  }

  debug(message: unknown, ...rest: unknown[]): void {
    this.#write('debug', message, rest);
  }

  verbose(message: unknown, ...rest: unknown[]): void {
    this.#write('trace', message, rest);
  }

  /** Nest puts the name of the logger last, and a stack, if there is one, before it. */
  #write(level: Level, message: unknown, rest: readonly unknown[]): void {
    const context = contextOf(rest);
    const stack = rest.find((part) => typeof part === 'string' && part.includes('\n    at '));
    const error = [message, ...rest].find((part) => part instanceof Error);
    const chosen = level === 'info' && CHATTY.has(context ?? '') ? 'debug' : level;
    this.#logger[chosen]({
      ...(context === undefined ? {} : { context }),
      ...membersOf(message),
      ...(error === undefined ? {} : { error }),
      ...(stack === undefined || error !== undefined ? {} : { stack }),
    });
  }
}

function contextOf(rest: readonly unknown[]): string | undefined {
  const last = rest.at(-1);
  return typeof last === 'string' && !last.includes('\n') ? last : undefined;
}

function membersOf(message: unknown): object {
  if (message instanceof Error) return { msg: message.message };
  if (typeof message === 'object' && message !== null) return message;
  return { msg: String(message) };
}
