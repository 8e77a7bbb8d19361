import { connect, createServer, type AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { RunningProgram } from './child-process.js';

const HOST = '127.0.0.1';
const POLL_MS = 10;
const START_TIMEOUT_MS = 60_000;

/** A TCP port that nobody listens on now. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, HOST, () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

/** Waits until `program` accepts connections. @throws {Error} with its log, when it ends or takes too long */
export async function untilListening(program: RunningProgram, port: number): Promise<void> {
  const limitMs = performance.now() + START_TIMEOUT_MS;
  while (!(await accepts(port))) {
    if (program.hasEnded) throw program.explain('a process ended before it listened');
    if (performance.now() > limitMs) throw program.explain('a process does not listen');
    await delay(POLL_MS);
  }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, HOST);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
