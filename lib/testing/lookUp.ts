/** What a mark of a diagram stands for. @throws TypeError when the table does not say */
export function lookUp<T>(table: Readonly<Record<string, T>>, mark: string): T {
  const value = table[mark];
  if (value === undefined) throw new TypeError(`the diagram has "${mark}", its table has not`);
  return value;
}
