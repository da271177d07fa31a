/** Bytes in a few words that differ where the bytes do: `5 bytes "hello"`, `2 bytes 00 ff`, `70000 bytes #5d1c3f70`. */
export function describeBytes(bytes: Uint8Array): string {
  const { length } = bytes;
  return `${length} ${length === 1 ? 'byte' : 'bytes'} ${contentOf(bytes)}`.trimEnd();
}

function contentOf(bytes: Uint8Array): string {
  if (bytes.length === 0) return '';
  const text = bytes.length <= MAX_TEXT ? textOf(bytes) : undefined;
  if (text !== undefined) return JSON.stringify(text);
  return bytes.length <= MAX_HEX ? hexOf(bytes, ' ') : `#${fingerprint(bytes)}`;
}

/** `undefined` for what is no text. */
function textOf(bytes: Uint8Array): string | undefined {
  try {
    const text = decodeURIComponent(hexOf(bytes, '%'));
    return /[^\P{Cc}\t\r\n]/u.test(text) ? undefined : text;
  } catch {
    return undefined;
  }
}

function hexOf(bytes: Uint8Array, separator: '%' | ' '): string {
  const digits = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0'));
  return separator === '%' ? digits.map((pair) => `%${pair}`).join('') : digits.join(' ');
}

/** FNV-1a, 32 bits. */
function fingerprint(bytes: Uint8Array): string {
  let hash = 0x811c9dc5;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, '0'); // `>>> 0`: not negative
}

const MAX_TEXT = 40;
const MAX_HEX = 16;
