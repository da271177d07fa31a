/** Whether two values look the same: by content where they are arrays, bytes, maps, sets, dates, errors or objects of one kind. */
export function deepEqual(one: unknown, other: unknown): boolean {
  return equal(one, other, new Map());
}

/** `compared`: pairs under comparison further up, which a cycle leads back to. */
function equal(one: unknown, other: unknown, compared: Map<object, object>): boolean {
  if (Object.is(one, other)) return true;
  if (!isObject(one) || !isObject(other)) return false;
  if (Object.getPrototypeOf(one) !== Object.getPrototypeOf(other)) return false;
  if (compared.get(one) === other) return true;
  compared.set(one, other);
  const [left, right] = [partsOf(one), partsOf(other)];
  return (
    left.length === right.length &&
    left.every(([key, value], index) => {
      const [otherKey, otherValue] = right[index] as Part;
      return equal(key, otherKey, compared) && equal(value, otherValue, compared);
    })
  );
}

function partsOf(value: object): readonly Part[] {
  if (value instanceof Map) return [...value];
  if (value instanceof Set) return [...value].map((item) => [item, true]);
  if (ArrayBuffer.isView(value) || Array.isArray(value)) return Object.entries(value);
  const own = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  if (value instanceof Error) return [['name', value.name], ['message', value.message], ['cause', value.cause], ...own];
  // A function, a date, a pattern: what they are is not in their properties.
  return typeof value === 'function' || own.length === 0 ? [['', opaque(value)], ...own] : own;
}

function opaque(value: object): unknown {
  if (typeof value === 'function') return Symbol(); // another function is another one
  return value instanceof RegExp ? String(value) : JSON.stringify(value);
}

function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}

type Part = readonly [key: unknown, value: unknown];
