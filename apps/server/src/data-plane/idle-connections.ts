import type { Server } from 'node:http';
import type { Socket } from 'node:net';

interface Activity {
  octets: number;
  sinceMs: number;
}

/**
 * Closes connections on which nothing was sent or received for some time. Node's own `keepAliveTimeout` sets a
 * timer twice for each request, which is a twentieth of what a small request costs; this asks each connection
 * now and then how much has gone through it, which costs a request nothing.
 */
export class IdleConnections {
  readonly #activities = new Map<Socket, Activity>();

  /**
   * @param event of the server that yields its connections: `connection`, or `secureConnection` with TLS
   * @param timeoutMs milliseconds
   */
  constructor(
    private readonly server: Server,
    event: 'connection' | 'secureConnection',
    private readonly timeoutMs: number,
    private readonly monotonicMs: () => number = () => performance.now(),
  ) {
    server.on(event, (socket: Socket) => {
      this.#activities.set(socket, { octets: 0, sinceMs: this.monotonicMs() });
      socket.once('close', () => this.#activities.delete(socket));
    });
  }

  /** Looks at each connection, and closes those that were found unchanged for the whole timeout. */
  sweep(): void {
    const nowMs = this.monotonicMs();
    for (const [socket, activity] of this.#activities) {
      const octets = socket.bytesRead + socket.bytesWritten;
      if (octets !== activity.octets) {
        activity.octets = octets;
        activity.sinceMs = nowMs;
      } else if (nowMs - activity.sinceMs >= this.timeoutMs) {
        socket.destroy();
      }
    }
  }

  /** Sweeps again and again, for as long as the server listens. */
  sweepEvery(intervalMs: number): void {
    this.server.once('listening', () => {
      const timer = setInterval(() => this.sweep(), intervalMs).unref();
      this.server.once('close', () => clearInterval(timer));
    });
  }
}
