/** The bytes of a text. The core knows no TextEncoder, which belongs to the platform. */
export function utf8(text: string): Uint8Array {
  const escaped = encodeURIComponent(text).replace(/%(..)/g, (_, hex: string) =>
    String.fromCharCode(Number(`0x${hex}`)),
  );
  return Uint8Array.from(escaped, (character) => character.charCodeAt(0));
}
