/** Jain's index of fairness: 1 when all shares are equal, 1/n when one of n has everything. */
export function jain(shares: readonly number[]): number {
  const sum = shares.reduce((total, share) => total + share, 0);
  const squares = shares.reduce((total, share) => total + share * share, 0);
  return squares === 0 ? 0 : (sum * sum) / (shares.length * squares);
}
