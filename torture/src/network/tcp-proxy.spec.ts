import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Random } from '../random.js';
import { untilTrue } from '../until-true.js';
import { TcpProxy } from './tcp-proxy.js';

const PATIENCE_MS = 10_000;
/** Long enough for what should not come to come. */
const NOTHING_COMES_MS = 150;

/** A server that answers each byte with the same. */
let echo: Server;
let heard: string;
let proxy: TcpProxy;
const clients: Client[] = [];

interface Client {
  readonly socket: Socket;
  got: string;
  isClosed: boolean;
}

beforeEach(async () => {
  heard = '';
  echo = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (bytes) => {
      heard += bytes.toString('latin1');
      socket.write(bytes);
    });
  });
  await new Promise<void>((resolve) => echo.listen(0, '127.0.0.1', resolve));
  const { port } = echo.address() as AddressInfo;
  const to = { host: '127.0.0.1', port };
  proxy = await TcpProxy.start({ to, isPostgres: false, random: new Random(1) });
});

afterEach(async () => {
  for (const { socket } of clients.splice(0)) socket.destroy();
  await proxy.close();
  await new Promise((resolve) => echo.close(resolve));
});

function open(): Client {
  const socket = connect(proxy.port, '127.0.0.1');
  const client: Client = { socket, got: '', isClosed: false };
  socket.on('data', (bytes) => (client.got += bytes.toString('latin1')));
  socket.on('error', () => undefined);
  socket.on('close', () => (client.isClosed = true));
  clients.push(client);
  return client;
}

async function sees(client: Client, text: string): Promise<void> {
  await untilTrue(`the client sees ${text}`, PATIENCE_MS, () => client.got === text);
}

describe('TcpProxy', () => {
  it('passes both directions on', async () => {
    const client = open();
    client.socket.write('a');
    await sees(client, 'a');
  });

  it('holds one direction up, and lets what was held up through in order', async () => {
    const client = open();
    proxy.hold('back');
    client.socket.write('a');
    await untilTrue('the server has heard it', PATIENCE_MS, () => heard === 'a');
    client.socket.write('b');
    await delay(NOTHING_COMES_MS);
    expect(client.got).toBe('');
    proxy.heal();
    await sees(client, 'ab');
  });

  it('accepts connections while nothing passes, and neither side hears that the other has gone', async () => {
    proxy.hold('both');
    const client = open();
    client.socket.write('a');
    await delay(NOTHING_COMES_MS);
    expect({ heard, isClosed: client.isClosed }).toEqual({ heard: '', isClosed: false });
    proxy.heal();
    await sees(client, 'a');
  });

  it('cuts what there is and refuses what is new', async () => {
    const before = open();
    before.socket.write('a');
    await sees(before, 'a');
    proxy.cut();
    const after = open();
    for (const each of [before, after]) {
      await untilTrue('the connection ends', PATIENCE_MS, () => each.isClosed);
    }
    proxy.heal();
    const healed = open();
    healed.socket.write('b');
    await sees(healed, 'b');
  });

  it('delays what passes', async () => {
    proxy.slowDown(20 * NOTHING_COMES_MS);
    const client = open();
    client.socket.write('a');
    await delay(NOTHING_COMES_MS);
    expect(client.got).toBe('');
  });
});
