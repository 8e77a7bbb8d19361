import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { printGatewayConfig } from '../src/gateway-config/print-gateway-config.js';
import { eventually } from './eventually.js';
import { HttpClient } from './http-client.js';

export type RealGateway = 'nginx' | 'caddy' | 'haproxy' | 'apache';

/** A gateway that runs on the configuration that the service prints for it. */
export interface GatewayProcess {
  /** Where it terminates no TLS. */
  readonly http: HttpClient;
  readonly port: number;
  stop(): Promise<void>;
}

interface Launch {
  readonly command: string;
  readonly args: readonly string[];
}

const LUA_SOCKET = '/usr/share/lua/5.3/socket/http.lua';
const APACHE_MODULES = '/usr/lib/apache2/modules';
const isRoot = process.getuid?.() === 0;
const running = new Set<ChildProcess>();

/** The gateway's program; undefined: it is not installed, or not all that it needs. */
export function programOf(gateway: RealGateway): string | undefined {
  if (gateway === 'apache' && !existsSync(LUA_SOCKET)) return undefined;
  const name = gateway === 'apache' ? 'apache2' : gateway;
  const folders = [...(process.env['PATH'] ?? '').split(':'), '/usr/sbin'];
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
}

/**
 * @param args of `gateway-config`, besides where it listens and where its script is
 * @param spoil makes a mistake in what is printed, as people do
 * @param port where it listens, on 127.0.0.1; else on a free one
 */
export async function startGateway(
  gateway: RealGateway,
  args: readonly string[],
  spoil = (printed: string) => printed,
  port?: number,
): Promise<GatewayProcess> {
  const folder = await mkdtemp(join(tmpdir(), `countersign-${gateway}-`));
  // Started by root, some of them go on as somebody else.
  await chmod(folder, 0o755);
  const listenPort = port ?? (await freePort());
  const script = join(folder, 'countersign.lua');
  const all = [gateway, ...args, '--listen', `127.0.0.1:${listenPort}`];
  const printed = spoil(print(all.concat(usesScript(gateway) ? ['--script-path', script] : [])));
  if (usesScript(gateway)) await writeFile(script, print([...all, '--script']));
  const child = spawnLaunch(await LAUNCHES[gateway](folder, printed), folder);
  const output: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (text: Buffer) => output.push(text.toString()));
  }
  const closed = once(child, 'close');
  let hasEnded = false;
  void closed.then(() => (hasEnded = true));
  await eventually(
    `${gateway} listens`,
    () => {
      if (hasEnded) throw new Error(`${gateway} did not start:\n${output.join('')}`);
      return accepts(listenPort);
    },
    20_000,
  );
  return {
    http: new HttpClient(`http://127.0.0.1:${listenPort}`),
    port: listenPort,
    async stop() {
      child.kill('SIGTERM');
      await closed;
      running.delete(child);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}

/** Ends whatever a failed test left. */
export function killGateways(): void {
  for (const child of running) child.kill('SIGTERM');
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function usesScript(gateway: RealGateway): boolean {
  return gateway === 'haproxy' || gateway === 'apache';
}

function print(args: readonly string[]): string {
  let printed = '';
  const error = (text: string) => {
    throw new Error(text);
  };
  printGatewayConfig(args, { out: (text) => (printed += text), error });
  return printed;
}

function spawnLaunch({ command, args }: Launch, folder: string): ChildProcess {
  const child = spawn(command, args, {
    cwd: folder,
    env: {
      PATH: process.env['PATH'],
      HOME: folder,
      XDG_DATA_HOME: folder,
      XDG_CONFIG_HOME: folder,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  return child;
}

/** What each needs beside the configuration that was printed: where it runs, not how it asks. */
const LAUNCHES: Record<RealGateway, (folder: string, printed: string) => Promise<Launch>> = {
  async nginx(folder, printed) {
    const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
    const file = join(folder, 'nginx.conf');
    await writeFile(join(folder, 'printed.conf'), printed);
    await writeFile(
      file,
      `daemon off;
${isRoot ? 'user nobody nogroup;' : ''}
worker_processes 1;
pid ${folder}/nginx.pid;
error_log stderr warn;
events {}
http {
  access_log off;
${temporary.map((kind) => `  ${kind}_temp_path ${folder}/${kind};`).join('\n')}
  include ${folder}/printed.conf;
}
`,
    );
    const args = ['-p', folder, '-c', file, '-e', join(folder, 'error.log')];
    return { command: programOf('nginx') ?? '', args };
  },
  async caddy(folder, printed) {
    const file = join(folder, 'Caddyfile');
    await writeFile(file, `{\n\tadmin off\n\tauto_https off\n}\n${printed}`);
    const args = ['run', '--config', file, '--adapter', 'caddyfile'];
    return { command: programOf('caddy') ?? '', args };
  },
  async haproxy(folder, printed) {
    const file = join(folder, 'haproxy.cfg');
    await writeFile(file, printed);
    return { command: programOf('haproxy') ?? '', args: ['-db', '-f', file] };
  },
  async apache(folder, printed) {
    const file = join(folder, 'apache.conf');
    const modules = ['mpm_event', 'authz_core', 'lua', 'proxy', 'proxy_http', 'ssl'];
    await writeFile(
      file,
      `ServerRoot ${folder}
ServerName localhost
DefaultRuntimeDir ${folder}
PidFile ${folder}/apache.pid
ErrorLog ${folder}/error.log
${isRoot ? 'User nobody\nGroup nogroup' : ''}
${modules.map((name) => `LoadModule ${name}_module ${APACHE_MODULES}/mod_${name}.so`).join('\n')}
${printed}`,
    );
    return { command: programOf('apache') ?? '', args: ['-f', file, '-DFOREGROUND'] };
  },
};
