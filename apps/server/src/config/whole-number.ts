import { z } from 'zod';

/**
 * A variable that holds a whole number in decimal digits, from `min` to `max`. Stricter than
 * `Number`: no sign, exponent, fraction, hexadecimal or surrounding space.
 * @param unit what is counted, for the message: `milliseconds`
 */
export function wholeNumber(min: number, max: number, unit?: string) {
  const problem = `must be a whole number from ${min} to ${max}${unit === undefined ? '' : ` (${unit})`}`;
  return z.string().transform((text, context) => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= min && value <= max) return value;
    context.addIssue({ code: 'custom', message: problem });
    return z.NEVER;
  });
}
