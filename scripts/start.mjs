// `npm start` and `npm run migrate`: compiles what has changed, then runs the service in this process,
// so that signals reach it. Arguments are passed on: `migrate` only migrates the database.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const MIN_NODE_MAJOR = 24;
const SILENT_COMPILATION_MS = 1000;
const PARENT_POLL_MS = 250;

const root = new URL('..', import.meta.url);
const compiler = new URL('node_modules/typescript/bin/tsc', root);
const main = new URL('apps/server/dist/main.js', root);

const major = Number(process.versions.node.split('.', 1)[0]);
if (major < MIN_NODE_MAJOR) {
  fail(
    `Countersign needs Node ${MIN_NODE_MAJOR} and this is ${process.version}. Start it with \`npm start\`, ` +
      'which uses the Node that `npm install` puts into node_modules.',
  );
}
if (!existsSync(compiler) && !existsSync(main)) {
  fail('Dependencies are missing: run `npm install` first.');
}
// Without the compiler there is nothing to compile: an installation without development dependencies.
if (existsSync(compiler)) await compile();
if (process.env.npm_lifecycle_event !== undefined) stopWithNpm();
await import(main.href);

async function compile() {
  const patience = setTimeout(() => {
    console.error('Compiling what has changed since the last start …');
  }, SILENT_COMPILATION_MS);
  // What the compiler says goes to standard error: standard output is the service's log.
  const child = spawn(process.execPath, [fileURLToPath(compiler), '-b', '--pretty', 'false'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
  });
  const [code, signal] = await once(child, 'exit');
  clearTimeout(patience);
  if (signal !== null) process.exit(130);
  if (code !== 0) fail('The sources do not compile; the errors stand above.');
}

/**
 * npm puts a shell between itself and this process, and that shell does not pass a signal on. When
 * `npm start` is told to end, the shell is gone and this process would be left alone: it stops, too.
 */
function stopWithNpm() {
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    process.kill(process.pid, 'SIGTERM');
  }, PARENT_POLL_MS).unref();
  // After Ctrl-C the shell ends as well, and a second signal would mean "at once".
  for (const signal of ['SIGINT', 'SIGTERM']) {
    process.once(signal, () => {
      clearInterval(watch);
      // As if nobody had listened, while the service does not yet.
      if (process.listenerCount(signal) === 0) process.exit(130);
    });
  }
}

function fail(message) {
  console.error(message);
  process.exit(1);
}
