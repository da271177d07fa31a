/**
 * Reed–Solomon erasure code over GF(256), polynomial 0x11d: from any `dataCount` of `dataCount + parityCount` shards of one size all
 * others can be made. The first `dataCount` are the data itself.
 */
export class ReedSolomon {
  readonly dataCount: number;
  readonly parityCount: number;
  /** One row a shard, `dataCount` columns; the upper square is the identity. */
  readonly #matrix: readonly Uint8Array[];

  constructor(dataCount: number, parityCount: number) {
    this.dataCount = dataCount;
    this.parityCount = parityCount;
    const vandermonde = Array.from({ length: dataCount + parityCount }, (_, row) =>
      Uint8Array.from({ length: dataCount }, (__, column) => power(row, column)),
    );
    const inverse = invert(vandermonde.slice(0, dataCount));
    this.#matrix = vandermonde.map((row) => multiplyRow(row, inverse));
  }

  /** The parity shard with this index. */
  parity(data: readonly Uint8Array[], index: number, target: Uint8Array): void {
    combine(this.#matrix[this.dataCount + index] as Uint8Array, data, target);
  }

  /**
   * Makes the data shards that are missing; `undefined` where too many are.
   * @param shards data, then parity; a shard that is shorter than others counts as if zeros followed
   */
  rebuild(shards: readonly (Uint8Array | undefined)[]): Uint8Array[] | undefined {
    if (shards.indexOf(undefined) >= this.dataCount) return [];
    const present = shards.flatMap((shard, index) => (shard === undefined ? [] : [index])).slice(0, this.dataCount);
    if (present.length < this.dataCount) return undefined;
    const inverse = invert(present.map((index) => this.#matrix[index] as Uint8Array));
    const sources = present.map((index) => shards[index] as Uint8Array);
    const size = Math.max(...sources.map(({ length }) => length));
    const rebuilt: Uint8Array[] = [];
    for (let index = 0; index < this.dataCount; index++) {
      if (shards[index] !== undefined) continue;
      const target = new Uint8Array(size);
      combine(inverse[index] as Uint8Array, sources, target);
      rebuilt.push(target);
    }
    return rebuilt;
  }
}

/** target = sum of factors[i] · sources[i]; sources may be shorter than the target, as if zeros followed. */
function combine(factors: Uint8Array, sources: readonly Uint8Array[], target: Uint8Array): void {
  target.fill(0);
  for (let index = 0; index < sources.length; index++) {
    const source = sources[index] as Uint8Array;
    const products = productsOf(factors[index] as number);
    for (let at = 0; at < source.length; at++) {
      target[at] = (target[at] as number) ^ (products[source[at] as number] as number);
    }
  }
}

function multiplyRow(row: Uint8Array, matrix: readonly Uint8Array[]): Uint8Array {
  return row.map((_, column) =>
    row.reduce((sum, factor, index) => sum ^ multiply(factor, matrix[index]?.[column] as number), 0),
  );
}

/** Gauss–Jordan elimination. Every square of rows that the code uses has an inverse. */
function invert(matrix: readonly Uint8Array[]): readonly Uint8Array[] {
  const size = matrix.length;
  const rows: Uint8Array[] = matrix.map((row, index) => {
    const wide = new Uint8Array(2 * size);
    wide.set(row);
    wide[size + index] = 1;
    return wide;
  });
  for (let column = 0; column < size; column++) {
    const pivotAt = rows.findIndex((row, index) => index >= column && row[column] !== 0);
    const pivot = rows[pivotAt] as Uint8Array;
    rows[pivotAt] = rows[column] as Uint8Array;
    rows[column] = pivot;
    scale(pivot, inverseOf(pivot[column] as number));
    for (const row of rows) {
      const factor = row[column] as number;
      if (row === pivot || factor === 0) continue;
      for (let at = 0; at < row.length; at++) {
        row[at] = (row[at] as number) ^ multiply(factor, pivot[at] as number);
      }
    }
  }
  return rows.map((row) => row.subarray(size));
}

function scale(row: Uint8Array, factor: number): void {
  for (let at = 0; at < row.length; at++) row[at] = multiply(factor, row[at] as number);
}

function multiply(a: number, b: number): number {
  return a === 0 || b === 0 ? 0 : (EXPONENTS[(LOGARITHMS[a] as number) + (LOGARITHMS[b] as number)] as number);
}

function power(base: number, exponent: number): number {
  let result = 1; // of 0 to the power of 0, too
  for (let step = 0; step < exponent; step++) result = multiply(result, base);
  return result;
}

function inverseOf(value: number): number {
  return EXPONENTS[255 - (LOGARITHMS[value] as number)] as number;
}

/** What a factor makes of every byte; made when it is needed first. */
function productsOf(factor: number): Uint8Array {
  let products = PRODUCTS[factor];
  if (products === undefined) {
    products = Uint8Array.from({ length: 256 }, (_, byte) => multiply(factor, byte));
    PRODUCTS[factor] = products;
  }
  return products;
}

const POLYNOMIAL = 0x11d;
const PRODUCTS: (Uint8Array | undefined)[] = [];
const LOGARITHMS = new Uint8Array(256);
/** The powers of 2, twice, so that sums of two logarithms need no modulo. */
const EXPONENTS = new Uint8Array(510);
for (let exponent = 0, value = 1; exponent < 255; exponent++) {
  EXPONENTS[exponent] = value;
  EXPONENTS[exponent + 255] = value;
  LOGARITHMS[value] = exponent;
  value <<= 1;
  if (value > 0xff) value ^= POLYNOMIAL;
}
