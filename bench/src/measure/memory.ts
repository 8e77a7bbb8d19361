import { readFileSync } from 'node:fs';

const KIB = 1024;

/** Resident memory of a process in bytes, what it shares with others included; NaN if unknown. */
export function residentBytes(pid: number): number {
  return readKib(`/proc/${pid}/status`, 'VmRSS');
}

/**
 * Resident memory of a process in bytes, with shared memory counted in proportion: summed over
 * processes, no page counts twice. NaN if unknown.
 */
export function proportionalBytes(pid: number): number {
  return readKib(`/proc/${pid}/smaps_rollup`, 'Pss');
}

function readKib(file: string, name: string): number {
  try {
    const line = new RegExp(`^${name}:\\s*(\\d+) kB$`, 'm').exec(readFileSync(file, 'utf8'));
    return Number(line?.[1]) * KIB;
  } catch {
    return Number.NaN;
  }
}
