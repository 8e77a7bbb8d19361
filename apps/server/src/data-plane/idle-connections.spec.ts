import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { once } from 'node:events';
import { afterEach, describe, expect, it } from '@jest/globals';
import { IdleConnections } from './idle-connections.js';

const TIMEOUT_MS = 1_000;
const REQUEST = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n';

let server: Server;
let nowMs = 0;
let idle: IdleConnections;
let answer: (response: ServerResponse) => void;
const sockets: Socket[] = [];

async function listen(): Promise<void> {
  nowMs = 0;
  answer = (response) => response.end('ok');
  server = createServer({ keepAliveTimeout: 0 }, (_request: IncomingMessage, response) =>
    answer(response),
  );
  idle = new IdleConnections(server, 'connection', TIMEOUT_MS, () => nowMs);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
}

async function open(): Promise<Socket> {
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  sockets.push(socket);
  await once(socket, 'connect');
  return socket;
}

async function ask(socket: Socket): Promise<void> {
  socket.write(REQUEST);
  await once(socket, 'data');
}

function sweepAt(ms: number): void {
  nowMs = ms;
  idle.sweep();
}

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  server.close();
  await once(server, 'close');
});

describe('IdleConnections', () => {
  it('closes a connection once nothing has gone through it for the timeout, and not before', async () => {
    await listen();
    const socket = await open();
    await ask(socket);
    sweepAt(500);
    sweepAt(1_499);
    await ask(socket);
    sweepAt(1_500);
    sweepAt(2_499);
    expect(await connections()).toBe(1);
    sweepAt(2_500);
    await once(socket, 'close');
    expect(await connections()).toBe(0);
  });

  it('keeps one on which an answer is still being sent', async () => {
    await listen();
    const begun = Promise.withResolvers<ServerResponse>();
    answer = (response) => begun.resolve(response.writeHead(200));
    const socket = await open();
    socket.write(REQUEST);
    const response = await begun.promise;
    for (let ms = 0; ms <= 5 * TIMEOUT_MS; ms += TIMEOUT_MS / 2) {
      response.write('more');
      await once(socket, 'data');
      sweepAt(ms);
    }
    expect(await connections()).toBe(1);
  });

  it('keeps the others when it closes one', async () => {
    await listen();
    const [left, used] = [await open(), await open()];
    await ask(left);
    await ask(used);
    sweepAt(0);
    await ask(used);
    sweepAt(TIMEOUT_MS);
    await once(left, 'close');
    await ask(used);
  });
});

function connections(): Promise<number> {
  return new Promise((resolve, reject) => {
    server.getConnections((error, count) => (error ? reject(error) : resolve(count)));
  });
}
