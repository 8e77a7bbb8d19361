import { type AddressInfo, connect, createServer } from 'node:net';
import { type ServiceError, status } from '@grpc/grpc-js';
import { afterEach, describe, expect, it } from '@jest/globals';
import { eventually } from './eventually.js';
import { ExtAuthzClient } from './ext-authz-client.js';
import { asApiKey } from './http-client.js';
import { startServiceUnderTest, type ServiceUnderTest } from './service-under-test.js';
import { startTcpProxy, type TcpProxy } from './tcp-proxy.js';

const DATABASE_TIMEOUT_MS = 1_500;
const ENV = {
  COUNTERSIGN_EXT_AUTHZ_PORT: '0',
  COUNTERSIGN_MAX_STALENESS_MS: '60000',
  COUNTERSIGN_DATABASE_TIMEOUT_MS: String(DATABASE_TIMEOUT_MS),
};

const undo: (() => Promise<void> | void)[] = [];
let service: ServiceUnderTest;
let envoy: ExtAuthzClient;
let proxy: TcpProxy;

afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

async function start(env: Readonly<Record<string, string>> = ENV): Promise<void> {
  service = await startServiceUnderTest({
    env,
    databaseUrl: async (direct) => {
      proxy = await startTcpProxy(direct);
      undo.push(() => proxy.close());
      return proxy.url;
    },
  });
  undo.push(() => service.stop());
  if (service.extAuthzPort === null) return;
  envoy = new ExtAuthzClient(service.extAuthzPort);
  undo.push(() => envoy.close());
}

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}

function codeOf(error: unknown): number {
  return (error as ServiceError).code;
}

describe('an outage', () => {
  it('is UNAVAILABLE, neither allowed nor denied, and over when it is over', async () => {
    await start({ ...ENV, COUNTERSIGN_MAX_STALENESS_MS: '1000' });
    const { key } = await service.admin.newKey();
    const request = { headers: asApiKey(key) };
    expect((await envoy.check(request)).code).toBe(status.OK);
    proxy.cut();
    await eventually('memory is too old', async () => {
      const code = await envoy.check(request).then((answer) => answer.code, codeOf);
      expect([status.OK, status.UNAVAILABLE]).toContain(code);
      return code === status.UNAVAILABLE;
    });
    const optional = { ...request, requirement: { optional: 'true' } };
    await expect(envoy.check(optional)).rejects.toMatchObject({
      code: status.UNAVAILABLE,
      details: 'it cannot be told now; try again',
    });
    expect(
      (await service.metrics()).sum('countersign_unanswered_requests_total'),
    ).toBeGreaterThanOrEqual(2);
    proxy.resume();
    await eventually('it answers', () =>
      envoy.check(request).then(
        ({ code }) => code === status.OK,
        () => false,
      ),
    );
  });
});

describe('a call in progress', () => {
  it('ends at the deadline that Envoy has set for it', async () => {
    await start();
    const { key } = await service.admin.newKey();
    proxy.hang();
    const askedAt = performance.now();
    await expect(envoy.check({ headers: asApiKey(key) }, 300)).rejects.toMatchObject({
      code: status.DEADLINE_EXCEEDED,
    });
    expect(performance.now() - askedAt).toBeLessThan(DATABASE_TIMEOUT_MS);
    proxy.resume();
    await eventually('the next is answered', () =>
      envoy.check({ headers: asApiKey(key) }).then(
        ({ code }) => code === status.OK,
        () => false,
      ),
    );
  });

  it('is answered while the service stops, and no new connection is taken', async () => {
    await start();
    const { key } = await service.admin.newKey();
    proxy.slowDown(300);
    const port = service.extAuthzPort ?? 0;
    // The connection stands before the call that is to be in progress.
    expect((await envoy.check()).httpStatus).toBe(401);
    let isAnswered = false;
    const answer = envoy.check({ headers: asApiKey(key) }).finally(() => (isAnswered = true));
    await new Promise((resolve) => setTimeout(resolve, 100));
    let hasStopped = false;
    const stopped = service.stop().then(() => (hasStopped = true));
    await eventually('the port is closed', async () => !(await isOpen(port)));
    expect([isAnswered, hasStopped]).toEqual([false, false]);
    expect((await answer).headers['x-principal-credential']).toBeDefined();
    await stopped;
  });

  it('is cut off where it takes longer than the grace', async () => {
    await start({
      ...ENV,
      COUNTERSIGN_SHUTDOWN_GRACE_MS: '200',
      COUNTERSIGN_DATABASE_TIMEOUT_MS: '20000',
    });
    const { key } = await service.admin.newKey();
    expect((await envoy.check()).httpStatus).toBe(401);
    proxy.hang();
    const answer = envoy.check({ headers: asApiKey(key) }).catch((error: unknown) => error);
    await new Promise((resolve) => setTimeout(resolve, 100));
    const stopped = service.stop();
    expect(await answer).toMatchObject({ code: expect.any(Number), details: expect.any(String) });
    proxy.resume();
    await stopped;
  });
});

/** The ports that this process listens on. */
function listeners(): number {
  return process.getActiveResourcesInfo().filter((kind) => kind === 'TCPServerWrap').length;
}

describe('the port', () => {
  it('is one more that is listened on, and not served where it is not configured', async () => {
    const before = listeners();
    await start();
    const served = listeners() - before;
    for (const step of undo.splice(0).reverse()) await step();
    expect(listeners()).toBe(before);
    await start({});
    expect(service.extAuthzPort).toBeNull();
    expect(listeners() - before).toBe(served - 1);
  });

  it('ends the start where it is taken, and the error says which variable is meant', async () => {
    const holder = createServer();
    undo.push(() => void holder.close());
    await new Promise<void>((resolve) => holder.listen(0, '127.0.0.1', resolve));
    const { port } = holder.address() as AddressInfo;
    await expect(
      startServiceUnderTest({ env: { ...ENV, COUNTERSIGN_EXT_AUTHZ_PORT: String(port) } }),
    ).rejects.toThrow(/^COUNTERSIGN_EXT_AUTHZ_PORT: /);
  });
});
