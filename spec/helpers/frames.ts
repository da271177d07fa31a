import { Command, type Frame } from '../../lib/wire/frame.js';

export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
export const textOf = (chunks: readonly Uint8Array[]): string => Buffer.concat(chunks).toString();
export const sizeOf = (chunks: readonly Uint8Array[]): number => chunks.reduce((sum, { length }) => sum + length, 0);

/** What the chunks say, if that is short. */
export const textOrSize = (chunks: readonly Uint8Array[]): string => {
  const size = sizeOf(chunks);
  return size <= 16 ? textOf(chunks) : `(${size})`;
};

/** A frame in one word or two, for readable expectations: `PSH 3 hello`, `UPD 3 5/262144`. Long payloads are counted. */
export function wordsOf(frame: Frame): string {
  switch (frame.command) {
    case Command.PSH:
      return `PSH ${frame.streamId} ${textOrSize([frame.payload])}`;
    case Command.UPD:
      return `UPD ${frame.streamId} ${frame.consumed}/${frame.window}`;
    case Command.NOP:
      return 'NOP';
    default:
      return `${frame.command === Command.SYN ? 'SYN' : 'FIN'} ${frame.streamId}`;
  }
}
