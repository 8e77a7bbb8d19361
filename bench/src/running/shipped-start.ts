import { readFileSync } from 'node:fs';
import { PACKAGE_FILE } from '../paths.js';

/** How `npm start` runs Node: with which flags, and which settings of the environment. */
export function shippedStart(): { nodeFlags: string[]; env: Record<string, string> } {
  const { scripts } = JSON.parse(readFileSync(PACKAGE_FILE, 'utf8')) as {
    scripts: { start: string };
  };
  const words = scripts.start.split(' ');
  const node = words.indexOf('node');
  return {
    nodeFlags: words.slice(node + 1).filter((word) => word.startsWith('--')),
    env: Object.fromEntries(
      words.slice(0, node).map((word) => word.split('=') as [string, string]),
    ),
  };
}
