import { type AddressInfo, createConnection, createServer, type Socket } from 'node:net';

/** A stretch of network in front of a database or an HTTP server, which can go wrong. */
export interface TcpProxy {
  /** The server, through this proxy. */
  readonly url: string;
  /** Ends every connection and refuses new ones. */
  cut(): void;
  /** Lets nothing through any more, and tells nobody: connections stay open. */
  hang(): void;
  /** Lets everything through with this delay. */
  slowDown(delayMs: number): void;
  /** Loses every notification of Postgres from now on, and nothing else. Over HTTP nothing happens. */
  loseNotifications(): void;
  /** Everything works again; what was held up gets through. */
  resume(): void;
  close(): Promise<void>;
}

export async function startTcpProxy(serverUrl: string): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  let state: 'open' | 'cut' | 'hanging' = 'open';
  let delayMs = 0;
  let losing = false;

  const server = createServer((near) => {
    if (state === 'cut') {
      near.resetAndDestroy();
      return;
    }
    const far = createConnection(addressOf(serverUrl));
    join(near, far, asItIs);
    const withoutNotifications = isPostgres(serverUrl) ? dropNotifications() : asItIs;
    join(far, near, (bytes) => withoutNotifications(bytes, losing));
  });
  const join = (from: Socket, to: Socket, filter: (bytes: Buffer) => Buffer) => {
    sockets.add(from);
    from.on('data', (received: Buffer) => {
      const bytes = filter(received);
      if (delayMs === 0) to.write(bytes);
      else setTimeout(() => to.writable && to.write(bytes), delayMs);
    });
    from.on('error', () => undefined);
    from.on('close', () => {
      sockets.delete(from);
      to.destroy();
    });
    if (state === 'hanging') from.pause();
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  const cut = () => {
    state = 'cut';
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: through(serverUrl, (server.address() as AddressInfo).port),
    cut,
    hang() {
      state = 'hanging';
      for (const socket of sockets) socket.pause();
    },
    slowDown(ms) {
      delayMs = ms;
    },
    loseNotifications() {
      losing = true;
    },
    resume() {
      state = 'open';
      delayMs = 0;
      losing = false;
      for (const socket of sockets) socket.resume();
    },
    async close() {
      cut();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function asItIs(bytes: Buffer): Buffer {
  return bytes;
}

function isPostgres(serverUrl: string): boolean {
  return new URL(serverUrl).protocol.startsWith('postgres');
}

function through(serverUrl: string, port: number): string {
  const url = new URL(serverUrl);
  url.searchParams.delete('host');
  url.hostname = '127.0.0.1';
  url.port = String(port);
  return url.href;
}

/** A database may be on a Unix socket: `postgres://…?host=/run/…`. */
function addressOf(serverUrl: string) {
  const url = new URL(serverUrl);
  const port = Number(url.port || 5432);
  const folder = url.searchParams.get('host');
  if (folder?.startsWith('/')) return { path: `${folder}/.s.PGSQL.${port}` };
  return { host: url.hostname, port };
}

const NOTIFICATION = 'A'.charCodeAt(0);

/**
 * Follows the messages of a server on one connection: a byte that says what it is, four for its length.
 * @see https://www.postgresql.org/docs/current/protocol-message-formats.html
 */
function dropNotifications(): (bytes: Buffer, dropping: boolean) => Buffer {
  let pending = Buffer.alloc(0);
  return (bytes, dropping) => {
    pending = Buffer.concat([pending, bytes]);
    const kept: Buffer[] = [];
    while (pending.length >= 5 && pending.length >= 1 + pending.readInt32BE(1)) {
      const end = 1 + pending.readInt32BE(1);
      if (!dropping || pending[0] !== NOTIFICATION) kept.push(pending.subarray(0, end));
      pending = pending.subarray(end);
    }
    return Buffer.concat(kept);
  };
}
