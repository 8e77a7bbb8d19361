import { describe, expect, it } from '@jest/globals';
import { rotateVersions } from './rotate-versions.js';

const now = new Date('2026-11-22T12:00:00Z');
const inSeconds = (seconds: number) => new Date(now.getTime() + seconds * 1000);

const version = (id: string, expiresAt: Date | null, ended = false) => ({ id, expiresAt, ended });

describe('rotateVersions', () => {
  it('ends the version that works without end when the grace does', () => {
    expect(rotateVersions([version('a', null)], 3_600, now).ending).toEqual([
      version('a', inSeconds(3_600)),
    ]);
  });

  it('shortens an earlier grace that would last longer, and never prolongs one', () => {
    const versions = [
      version('longer', inSeconds(7_200)),
      version('equal', inSeconds(3_600)),
      version('shorter', inSeconds(60)),
      version('over', inSeconds(-60)),
      version('ended', inSeconds(7_200), true),
    ];
    expect(rotateVersions(versions, 3_600, now).ending).toEqual([
      version('longer', inSeconds(3_600)),
    ]);
  });

  it('without a grace ends at once whatever another clock may take for alive', () => {
    const versions = [
      version('works', null),
      version('longer', inSeconds(60)),
      version('over', inSeconds(-60)),
      version('ended', inSeconds(-60), true),
    ];
    expect(rotateVersions(versions, 0, now).ending).toEqual([
      version('works', now, true),
      version('longer', now, true),
      version('over', inSeconds(-60), true),
    ]);
  });

  it('gives up a version only when no token that was derived from it can be alive', () => {
    const versions = [
      version('day', inSeconds(-86_400)),
      version('longer', inSeconds(-86_401)),
      version('works', null),
    ];
    expect(rotateVersions(versions, 0, now).obsolete).toEqual(['longer']);
  });
});
