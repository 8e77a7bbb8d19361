import { connect, type Socket } from 'node:net';
import { type Answer, readAnswer } from './answer.js';

type OnAnswer = (answer: Answer) => void;

const CONNECT_TIMEOUT_MS = 10_000;

// One for all connections: what is read is dealt with before the next read.
const readBuffer = Buffer.allocUnsafe(256 * 1024);

/**
 * A keep-alive connection for one request at a time, made of bytes that exist already. It is as
 * cheap as Node allows: an HTTP client takes longer for a request than the servers measured here.
 */
export class HttpConnection {
  readonly #socket: Socket;
  readonly #onFailure: (error: Error) => void;
  #onAnswer: OnAnswer | undefined;
  #incomplete: Buffer | undefined;
  #closing = false;

  private constructor(port: number, onFailure: (error: Error) => void) {
    this.#onFailure = onFailure;
    this.#socket = connect({
      host: '127.0.0.1',
      port,
      noDelay: true,
      onread: { buffer: readBuffer, callback: (length) => this.#received(length) },
    });
    this.#socket.on('error', (error) => this.#fail(error));
    this.#socket.on('close', () => this.#fail(new Error('the server closed the connection')));
  }

  /** @param onFailure told once, when the connection is lost or an answer cannot be read */
  static open(port: number, onFailure: (error: Error) => void): Promise<HttpConnection> {
    return new Promise((resolve, reject) => {
      let isOpen = false;
      const connection = new HttpConnection(port, (error) =>
        isOpen ? onFailure(error) : reject(error),
      );
      const timer = setTimeout(
        () => connection.#fail(new Error('the server did not accept a connection in time')),
        CONNECT_TIMEOUT_MS,
      );
      connection.#socket.once('close', () => clearTimeout(timer));
      connection.#socket.once('connect', () => {
        clearTimeout(timer);
        isOpen = true;
        resolve(connection);
      });
    });
  }

  /** Sends a request; the one before must have been answered. */
  send(request: Buffer, onAnswer: OnAnswer): void {
    this.#onAnswer = onAnswer;
    this.#socket.write(request);
  }

  close(): void {
    this.#closing = true;
    this.#socket.destroy();
  }

  #received(length: number): boolean {
    const received = readBuffer.subarray(0, length);
    const bytes =
      this.#incomplete === undefined ? received : Buffer.concat([this.#incomplete, received]);
    const onAnswer = this.#onAnswer;
    try {
      const answer = readAnswer(bytes);
      this.#incomplete = answer === undefined ? Buffer.from(bytes) : undefined;
      if (answer === undefined) return true;
      if (onAnswer === undefined) throw new Error('an answer to no request');
      this.#onAnswer = undefined;
      onAnswer(answer);
    } catch (error) {
      this.#fail(error as Error);
    }
    return true;
  }

  #fail(error: Error): void {
    if (this.#closing) return;
    this.close();
    this.#onFailure(error);
  }
}
