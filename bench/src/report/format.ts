const UNKNOWN = '–';

/** With as many decimals as the figure bears: three digits that count, none of them made up. */
export function formatNumber(value: number): string {
  if (!Number.isFinite(value)) return UNKNOWN;
  const decimals = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return value.toLocaleString('en-US', {
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
  });
}

export function formatCount(value: number): string {
  return Number.isFinite(value) ? Math.round(value).toLocaleString('en-US') : UNKNOWN;
}

export function formatRatio(value: number): string {
  return Number.isFinite(value) ? value.toFixed(2) : UNKNOWN;
}

export function formatMib(bytes: number): string {
  return Number.isFinite(bytes) ? (bytes / 2 ** 20).toFixed(1) : UNKNOWN;
}

export function formatPercent(share: number): string {
  return Number.isFinite(share) ? `${(share * 100).toFixed(0)} %` : UNKNOWN;
}
