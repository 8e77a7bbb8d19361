import { createConnection, createServer, type AddressInfo, type Socket } from 'node:net';

export interface Network {
  /** The database, through this network. */
  readonly url: string;
  /** Nothing gets through any more, and nobody is told. */
  freeze(): void;
  /** Lets what waited through, and everything after it. */
  thaw(): void;
  /** Refuses connections, and cuts those that there are. */
  cut(): Promise<void>;
  /** Accepts connections again, under the same URL. */
  restore(): Promise<void>;
  close(): Promise<void>;
}

/** A stretch of network before the database that can go wrong. */
export async function createNetwork(databaseUrl: string): Promise<Network> {
  const sockets = new Set<Socket>();
  let frozen = false;
  const server = createServer((near) => {
    const far = createConnection(addressOf(databaseUrl));
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(socket);
      socket.on('data', (bytes) => other.write(bytes));
      socket.on('error', () => undefined);
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
      if (frozen) socket.pause();
    }
  });
  const listen = (port: number) =>
    new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  await listen(0);

  const url = new URL(databaseUrl);
  url.searchParams.delete('host');
  url.hostname = '127.0.0.1';
  const { port } = server.address() as AddressInfo;
  url.port = String(port);
  const cut = async () => {
    for (const socket of sockets) socket.destroy();
    if (server.listening) await new Promise((resolve) => server.close(resolve));
  };
  return {
    url: url.href,
    freeze() {
      frozen = true;
      for (const socket of sockets) socket.pause();
    },
    thaw() {
      frozen = false;
      for (const socket of sockets) socket.resume();
    },
    cut,
    restore: () => listen(port),
    close: cut,
  };
}

function addressOf(databaseUrl: string) {
  const url = new URL(databaseUrl);
  const port = Number(url.port || 5432);
  const socketFolder = url.searchParams.get('host');
  if (socketFolder?.startsWith('/')) return { path: `${socketFolder}/.s.PGSQL.${port}` };
  return { host: url.hostname, port };
}
