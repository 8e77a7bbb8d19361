import { once } from 'node:events';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { Secret } from '@countersign/core';
import { afterEach, describe, expect, it } from '@jest/globals';
import { selfSigned } from '../../../../test/certificate-authority.js';
import { DataPlaneHandover } from './data-plane-handover.js';

const IDLE_TIMES = { timeoutMs: 200, sweepIntervalMs: 20 };

const opened: { server: Server; sockets: Socket[] }[] = [];

afterEach(async () => {
  for (const { server, sockets } of opened.splice(0)) {
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, 'close');
  }
});

async function listen(
  handover: DataPlaneHandover,
  controlPlane: (request: IncomingMessage, response: ServerResponse) => void,
) {
  const server = handover.createServer(controlPlane);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const sockets: Socket[] = [];
  opened.push({ server, sockets });
  const { port } = server.address() as AddressInfo;
  return { port, sockets };
}

/** Sends these bytes; all that comes until the server closes the connection. */
async function send(socket: Socket, text: string): Promise<string> {
  let received = '';
  socket.setEncoding('latin1').on('data', (chunk: string) => (received += chunk));
  socket.write(text);
  await once(socket, 'close');
  return received;
}

const GET = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n';

describe('DataPlaneHandover', () => {
  it('closes connections that lie idle, without TLS', async () => {
    const handover = new DataPlaneHandover({ draining: false }, null, IDLE_TIMES);
    const { port, sockets } = await listen(handover, (_request, response) => response.end('ok'));
    const socket = connect(port, '127.0.0.1');
    sockets.push(socket);
    expect(await send(socket, GET)).toMatch(/^HTTP\/1\.1 200 .*Connection: keep-alive.*ok$/s);
  });

  it('closes connections that lie idle, with TLS', async () => {
    const { pem, privateKeyPem } = await selfSigned();
    const tls = { certificate: pem, privateKey: new Secret(privateKeyPem) };
    const handover = new DataPlaneHandover({ draining: false }, tls, IDLE_TIMES);
    const { port, sockets } = await listen(handover, (_request, response) => response.end('ok'));
    const socket = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false });
    sockets.push(socket);
    await once(socket, 'secureConnect');
    expect(await send(socket, GET)).toMatch(/^HTTP\/1\.1 200 .*Connection: keep-alive.*ok$/s);
  });

  it('closes a connection after its answer once the process is on its way out', async () => {
    const handover = new DataPlaneHandover({ draining: true }, null);
    const { port, sockets } = await listen(handover, (_request, response) => response.end('ok'));
    const socket = connect(port, '127.0.0.1');
    sockets.push(socket);
    expect(await send(socket, GET)).toMatch(/^HTTP\/1\.1 200 .*Connection: close.*ok$/s);
  });

  it('tells of no media type where there is no body, which nobody has to wait for then', async () => {
    const handover = new DataPlaneHandover({ draining: true }, null);
    const { port, sockets } = await listen(handover, (request, response) =>
      response.end(`type: ${String(request.headers['content-type'])}`),
    );
    const post = (more: string) => {
      const socket = connect(port, '127.0.0.1');
      sockets.push(socket);
      return send(socket, `POST / HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\n${more}`);
    };
    expect(await post('\r\n')).toMatch(/type: undefined$/);
    expect(await post('Content-Length: 1\r\n\r\nx')).toMatch(/type: text\/plain$/);
  });
});
