/** Shares as people read them. */

/** One decimal, never rounded up to a hundred that it is not. */
export function oneDecimal(value: number): string {
  const rounded = Math.round(value * 10) / 10;
  return (value < 100 ? Math.min(99.9, rounded) : rounded).toFixed(1);
}
