import { isIP } from 'node:net';
import { z } from 'zod';

const PROBLEM =
  'must be a list of addresses or CIDR blocks separated by commas, like 10.0.0.0/8,fd00::/8';
const EVERYONE =
  'must not contain a block of prefix length 0, which would let anybody claim any client address';

/** A variable that holds IPv4 and IPv6 addresses or CIDR blocks, separated by commas. */
export const addressBlocks = z.string().transform((text, context): readonly string[] => {
  const blocks = text.split(',').map((block) => block.trim());
  const problem = blocks.every(isBlock) ? (blocks.some(holdsAll) ? EVERYONE : null) : PROBLEM;
  if (problem === null) return blocks;
  context.addIssue({ code: 'custom', message: problem });
  return z.NEVER;
});

function isBlock(block: string): boolean {
  const [address = '', length, ...rest] = block.split('/');
  const version = isIP(address);
  if (version === 0 || address.includes('%') || rest.length > 0) return false;
  if (length === undefined) return true;
  return /^\d{1,3}$/.test(length) && Number(length) <= (version === 4 ? 32 : 128);
}

function holdsAll(block: string): boolean {
  return /\/0+$/.test(block);
}
