import {
  type AddressInfo,
  connect,
  createServer,
  type NetConnectOpts,
  type Server,
} from 'node:net';
import type { Random } from '../random.js';
import type { Direction } from '../schedule/step.js';
import { NotificationDropper } from './drop-notifications.js';
import { Link } from './link.js';

const HOST = '127.0.0.1';

export interface TcpProxyOptions {
  readonly to: NetConnectOpts;
  /** What passes is the Postgres protocol, so that its notifications can be taken out. */
  readonly isPostgres: boolean;
  /** Which connections get how much of a delay. */
  readonly random: Random;
}

/** A stretch of network that can go wrong. */
export class TcpProxy {
  readonly #links = new Set<Link>();
  readonly #server: Server;
  readonly #options: TcpProxyOptions;
  #isCut = false;
  #held: Direction | undefined;
  #delayMs = 0;
  #isDropping = false;

  private constructor(options: TcpProxyOptions) {
    this.#options = options;
    this.#server = createServer((near) => {
      if (this.#isCut) {
        near.on('error', () => undefined).resetAndDestroy();
        return;
      }
      const far = connect(options.to);
      const dropper = new NotificationDropper();
      const fromServer = (bytes: Buffer) =>
        options.isPostgres ? dropper.pass(bytes, this.#isDropping) : bytes;
      const link = new Link(near, far, fromServer);
      this.#links.add(link);
      let open = 2;
      for (const socket of [near, far]) {
        socket.setNoDelay(true);
        // Only then: the end of one may still be held up on its way to the other.
        socket.on('close', () => (open -= 1) === 0 && this.#links.delete(link));
      }
      link.slowDown(this.#ownDelayMs());
      if (this.#held !== undefined) link.hold(this.#held);
    });
  }

  static async start(options: TcpProxyOptions): Promise<TcpProxy> {
    const proxy = new TcpProxy(options);
    await new Promise<void>((resolve) => proxy.#server.listen(0, HOST, resolve));
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Ends every connection and refuses new ones. */
  cut(): void {
    this.#isCut = true;
    for (const link of this.#links) link.destroy();
  }

  /** Lets nothing through in a direction, and tells nobody: connections stay open, and new ones open. */
  hold(direction: Direction): void {
    this.#held = direction;
    for (const link of this.#links) link.hold(direction);
  }

  /** Lets nothing back through some of the connections there are. @param share from 0 to 1 */
  stall(share: number): void {
    for (const link of this.#links) if (this.#options.random.chance(share)) link.hold('back');
  }

  /** Lets nothing back but what the feed of changes brings: what is read is held up, what changed is heard. */
  holdReads(): void {
    for (const link of this.#links) if (!link.isFollower) link.hold('back');
  }

  /** Each connection has a delay of its own. @param delayMs the longest */
  slowDown(delayMs: number): void {
    this.#delayMs = delayMs;
    for (const link of this.#links) link.slowDown(this.#ownDelayMs());
  }

  dropNotifications(isDropping: boolean): void {
    this.#isDropping = isDropping;
  }

  /** Everything works again; what was held up gets through. */
  heal(): void {
    this.#isCut = false;
    this.#held = undefined;
    this.#isDropping = false;
    this.slowDown(0);
    for (const link of this.#links) link.release();
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #ownDelayMs(): number {
    return this.#delayMs * this.#options.random.next();
  }
}
