import { describe, expect, it } from '@jest/globals';
import { NotificationDropper } from './drop-notifications.js';

function message(type: string, body: string): Buffer {
  const bytes = Buffer.alloc(5 + body.length);
  bytes.write(type, 0, 'latin1');
  bytes.writeUInt32BE(4 + body.length, 1);
  bytes.write(body, 5, 'latin1');
  return bytes;
}

const ROWS = [message('T', 'columns'), message('D', 'A row with an A'), message('Z', 'I')];
const STREAM = Buffer.concat([
  ROWS[0],
  message('A', 'told'),
  ROWS[1],
  message('A', ''),
  ROWS[2],
] as Buffer[]);

function inPieces(length: number, isDropping: boolean): string {
  const dropper = new NotificationDropper();
  const passed: Buffer[] = [];
  for (let at = 0; at < STREAM.length; at += length) {
    passed.push(dropper.pass(STREAM.subarray(at, at + length), isDropping));
  }
  return Buffer.concat(passed).toString('latin1');
}

describe('NotificationDropper', () => {
  it.each([1, 2, 3, 7, STREAM.length])(
    'takes out notifications alone, in pieces of %d',
    (length) => {
      expect(inPieces(length, true)).toBe(Buffer.concat(ROWS).toString('latin1'));
    },
  );

  it('passes everything on unless it is told to drop', () => {
    expect(inPieces(3, false)).toBe(STREAM.toString('latin1'));
  });
});
