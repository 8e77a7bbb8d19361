import { Secret } from '@countersign/core';
import { z } from 'zod';

/** Fewer characters than this cannot hold 128 bits even in base64 with room to spare. */
const MIN_SECRET_CHARACTERS = 32;

const TOO_SHORT =
  `must hold one or several secrets of at least ${MIN_SECRET_CHARACTERS} characters each, the newest ` +
  'first, separated by commas or line ends; `openssl rand -base64 32` makes one';
const REPEATED = 'holds the same secret twice';

/** Server secrets, separated by commas or line ends; the newest first, at least one. */
export const secretList = z.string().transform((text, context): readonly [Secret, ...Secret[]] => {
  const values = text
    .split(/[,\r\n]/)
    .map((value) => value.trim())
    .filter((value) => value !== '');
  const [newest, ...older] = values.map((value) => new Secret(value));
  const tooShort = values.some((value) => value.length < MIN_SECRET_CHARACTERS);
  if (newest !== undefined && !tooShort && new Set(values).size === values.length) {
    return [newest, ...older];
  }
  const message = newest === undefined || tooShort ? TOO_SHORT : REPEATED;
  context.addIssue({ code: 'custom', message });
  return z.NEVER;
});
