import { describe } from '@jest/globals';
import { programOf, type RealGateway } from './gateway-process.js';

export const REAL_GATEWAYS: readonly RealGateway[] = ['nginx', 'caddy', 'haproxy', 'apache'];

/** Those of these gateways that can be run here. */
export function installedOf(gateways: readonly RealGateway[]): RealGateway[] {
  return gateways.filter((name) => programOf(name) !== undefined);
}

/**
 * Tests of those of these gateways that are installed; skipped where none is. Whether one is missing that
 * must not be, a test of its own tells.
 */
export function describeGateways(
  gateways: readonly RealGateway[],
  title: string,
  tests: (installed: readonly RealGateway[]) => void,
): void {
  const installed = installedOf(gateways);
  (installed.length === 0 ? describe.skip : describe)(title, () => tests(installed));
}
