import { VARIABLE_NAMES } from './variables.js';

// Kubernetes sets these in every pod beside a Service whose name begins with `countersign`.
const SERVICE_LINK = /^COUNTERSIGN(_[A-Z0-9_]+)?_(SERVICE_HOST|SERVICE_PORT(_[A-Z0-9_]+)?)$/;
const SERVICE_LINK_PORT = /^COUNTERSIGN(_[A-Z0-9_]+)?_PORT(_\d+_[A-Z]+(_(PROTO|PORT|ADDR))?)?$/;
const SERVICE_LINK_URL = /^(tcp|udp|sctp):\/\//;

/** One sentence for each `COUNTERSIGN_*` variable that means nothing: most likely a slip. */
export function unknownVariables(env: Readonly<NodeJS.ProcessEnv>): string[] {
  const known: ReadonlySet<string> = new Set(VARIABLE_NAMES);
  return Object.keys(env)
    .filter((name) => name.startsWith('COUNTERSIGN_') && !known.has(name))
    .filter((name) => !isServiceLink(name, env))
    .map((name) => `${name} is not a variable of Countersign: did you mean ${nearest(name)}?`);
}

function isServiceLink(name: string, env: Readonly<NodeJS.ProcessEnv>): boolean {
  if (SERVICE_LINK.test(name)) return true;
  const port = SERVICE_LINK_PORT.exec(name);
  if (port === null) return false;
  // `COUNTERSIGN_PORT=8080` is a slip for PORT; `COUNTERSIGN_PORT=tcp://…` comes from Kubernetes.
  return port[2] !== undefined || SERVICE_LINK_URL.test(env[name] ?? '');
}

function nearest(name: string): string {
  const candidates = VARIABLE_NAMES.map((known) => ({
    known,
    distance: Math.min(
      editDistance(name, known),
      editDistance(name, `COUNTERSIGN_${known}`) + (known.startsWith('COUNTERSIGN_') ? 99 : 0),
    ),
  }));
  return candidates.reduce((best, next) => (next.distance < best.distance ? next : best)).known;
}

/** Levenshtein's distance. */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let i = 1; i <= from.length; i++) {
    const next = [i];
    for (let j = 1; j <= to.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}
