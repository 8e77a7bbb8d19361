import { describe, expect, it } from '@jest/globals';
import { rotateVersions } from './rotate-versions.js';

const now = new Date('2026-11-22T12:00:00Z');
const inSeconds = (seconds: number) => new Date(now.getTime() + seconds * 1000);

describe('rotateVersions', () => {
  it('ends the version that works without end when the grace does', () => {
    expect(rotateVersions([{ id: 'a', expiresAt: null }], 3_600, now).ending).toEqual([
      { id: 'a', expiresAt: inSeconds(3_600) },
    ]);
  });

  it('ends it at once when there is no grace', () => {
    expect(rotateVersions([{ id: 'a', expiresAt: null }], 0, now).ending).toEqual([
      { id: 'a', expiresAt: now },
    ]);
  });

  it('shortens an earlier grace that would last longer, and never prolongs one', () => {
    const versions = [
      { id: 'longer', expiresAt: inSeconds(7_200) },
      { id: 'equal', expiresAt: inSeconds(3_600) },
      { id: 'shorter', expiresAt: inSeconds(60) },
      { id: 'over', expiresAt: inSeconds(-60) },
    ];
    expect(rotateVersions(versions, 3_600, now).ending).toEqual([
      { id: 'longer', expiresAt: inSeconds(3_600) },
    ]);
  });

  it('gives up a version only when no token that was derived from it can be alive', () => {
    const versions = [
      { id: 'day', expiresAt: inSeconds(-86_400) },
      { id: 'longer', expiresAt: inSeconds(-86_401) },
      { id: 'works', expiresAt: null },
    ];
    expect(rotateVersions(versions, 0, now).obsolete).toEqual(['longer']);
  });
});
