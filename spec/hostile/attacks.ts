import { type SmuxOptions } from '../../lib/options.js';
import { framesOf } from '../../lib/testing/index.js';
import { encodeFrames } from '../../lib/wire/encodeFrames.js';
import { type Frame } from '../../lib/wire/frame.js';
import { RandomBytes } from '../helpers/random.js';
import { type Service } from './Victim.js';

/** Something that a hostile peer does, as the bytes that it writes. */
export interface Attack {
  readonly name: string;
  readonly service: Service;
  /** Whether it reads what the server answers. */
  readonly reads: boolean;
  readonly options?: SmuxOptions;
  /** Connections that do it at once. Default: 1 */
  readonly connections?: number;
  /** Milliseconds between two writes. Default: 0, as fast as the link takes them */
  readonly pause?: number;
  /** What the server ends the session with; without it, the session lives on. */
  readonly code?: string;
  bytes(): Generator<Uint8Array, void, undefined>;
}

const v1 = framesOf(1);
const v2 = framesOf(2);

export const attacks: readonly Attack[] = [
  {
    name: 'ignores its window',
    service: 'accept',
    reads: true,
    code: 'SMUX_ERR_FLOW_CONTROL',
    *bytes() {
      yield encode([v2.syn(3)]);
      for (;;) yield encode(repeat(16, () => v2.psh(3, zeros(4096))));
    },
  },
  {
    name: 'fills the window of one stream after the other',
    service: 'accept',
    reads: true,
    *bytes() {
      for (const id of ids()) yield encode([v2.syn(id), ...repeat(8, () => v2.psh(id, zeros(32_768)))]);
    },
  },
  {
    name: 'fills windows of streams that are echoed, and reads nothing',
    service: 'echo',
    reads: false,
    *bytes() {
      for (const id of ids()) {
        yield encode([v2.syn(id), v2.upd(id, 0, 0x7fffffff), ...repeat(8, () => v2.psh(id, zeros(32_768)))]);
      }
    },
  },
  {
    name: 'opens streams without end',
    service: 'echo',
    reads: true,
    *bytes() {
      for (const batch of batches(1000)) yield encode(batch.map((id) => v2.syn(id)));
    },
  },
  {
    name: 'opens streams without end, a byte in each',
    service: 'accept',
    reads: true,
    *bytes() {
      for (const batch of batches(1000)) yield encode(batch.flatMap((id) => [v2.syn(id), v2.psh(id, 'x')]));
    },
  },
  {
    name: 'opens streams that nobody accepts',
    service: 'sleep',
    reads: true,
    *bytes() {
      for (const batch of batches(1000)) yield encode(batch.flatMap((id) => [v2.syn(id), v2.psh(id, 'x')]));
    },
  },
  {
    name: 'opens and closes streams without end',
    service: 'echo',
    reads: true,
    *bytes() {
      for (const batch of batches(1000)) yield encode(batch.flatMap((id) => [v2.syn(id), v2.fin(id), v2.fin(id)]));
    },
  },
  {
    name: 'opens and closes streams without end, a byte in each, and reads nothing',
    service: 'echo',
    reads: false,
    *bytes() {
      for (const batch of batches(1000)) {
        yield encode(batch.flatMap((id) => [v2.syn(id), v2.psh(id, 'x'), v2.fin(id), v2.fin(id)]));
      }
    },
  },
  {
    name: 'half-closes every stream, and reads nothing',
    service: 'source',
    reads: false,
    *bytes() {
      yield encode([...ids(1000)].flatMap((id) => [v2.syn(id), v2.upd(id, 0, 0x7fffffff), v2.fin(id)]));
    },
  },
  {
    name: 'sends bytes one by one, many streams in turn, to nobody who reads',
    service: 'accept',
    reads: true,
    *bytes() {
      const streams = [...ids(1000)];
      yield encode(streams.map((id) => v2.syn(id)));
      const round = encode(streams.map((id) => v2.psh(id, 'x')));
      for (let count = 0; count < 262_144; count++) yield round;
    },
  },
  {
    name: 'sends bytes one by one, many streams in turn, and reads no echo',
    service: 'echo',
    reads: false,
    *bytes() {
      const streams = [...ids(1000)];
      yield encode(streams.flatMap((id) => [v2.syn(id), v2.upd(id, 0, 0x7fffffff)]));
      const round = encode(streams.map((id) => v2.psh(id, 'x')));
      for (;;) yield round;
    },
  },
  {
    name: 'sends a byte in 64 KiB of NOPs, and reads no echo',
    service: 'naiveEcho',
    reads: false,
    *bytes() {
      yield encode([v1.syn(3)]);
      const filler = encode(repeat(8190, () => v1.nop()));
      for (;;) {
        yield encode([v1.psh(3, 'x')]);
        yield filler;
      }
    },
  },
  {
    name: 'sends bytes one by one, to an echo that does not wait, and reads nothing',
    service: 'naiveEcho',
    reads: false,
    *bytes() {
      yield encode([v1.syn(3)]);
      const round = encode(repeat(7000, () => v1.psh(3, 'x')));
      for (;;) yield round;
    },
  },
  {
    name: 'sends chunks that are little more than half of a read',
    service: 'accept',
    reads: true,
    *bytes() {
      const filler = encode(repeat(3700, () => v2.nop()));
      for (const id of ids()) {
        yield encode([v2.syn(id)]);
        for (let count = 0; count < 7; count++) {
          yield encode([v2.psh(id, zeros(35_000))]);
          yield filler;
        }
      }
    },
  },
  {
    name: 'sends frames of a million unknown streams',
    service: 'echo',
    reads: true,
    *bytes() {
      const random = new RandomBytes(7);
      const id = () => new DataView(random.take(4).buffer).getUint32(0);
      const frames = [v2.psh(5, 'unknown'), v2.fin(7), v2.upd(9, 1, 2)];
      yield encode([v2.nop()]);
      for (;;) yield encode(repeat(1000, (at) => ({ ...(frames[at % 3] as Frame), streamId: id() })));
    },
  },
  {
    name: 'sends empty PSH frames without end',
    service: 'echo',
    reads: true,
    *bytes() {
      yield encode([v2.syn(3)]);
      const round = encode(repeat(8000, () => v2.psh(3, '')));
      for (;;) yield round;
    },
  },
  {
    name: 'sends NOPs without end, and reads none',
    service: 'echo',
    reads: false,
    *bytes() {
      const round = encode(repeat(8000, () => v2.nop()));
      for (;;) yield round;
    },
  },
  {
    name: 'sends window updates without end',
    service: 'echo',
    reads: true,
    *bytes() {
      const streams = [...ids(1000)];
      yield encode(streams.map((id) => v2.syn(id)));
      const round = encode(streams.flatMap((id) => [v2.upd(id, 0, 0x7fffffff), v2.upd(id, 0, 0)]));
      for (;;) yield round;
    },
  },
  {
    name: 'sends window updates that cannot be',
    service: 'echo',
    reads: true,
    code: 'SMUX_ERR_CONSUMED',
    *bytes() {
      yield encode([v2.syn(3), v2.upd(3, 1, 0)]);
    },
  },
  {
    name: 'opens streams beyond every limit, and reads no refusal',
    service: 'sleep',
    reads: false,
    *bytes() {
      for (const batch of batches(1000)) yield encode(batch.flatMap((id) => [v2.syn(id), v2.psh(id, 'x')]));
    },
  },
  {
    name: 'opens streams beyond every limit, and reads neither refusals nor what the others send',
    service: 'source',
    reads: false,
    options: { maxStreams: 1000 },
    *bytes() {
      yield encode([...ids(1000)].flatMap((id) => [v2.syn(id), v2.upd(id, 0, 0x7fffffff)]));
      for (const batch of batches(1000)) yield encode(batch.map((id) => v2.syn(id)));
    },
  },
  {
    name: 'opens streams that nobody accepts, a byte in each, and reads nothing of those that were',
    service: 'someSource',
    reads: false,
    *bytes() {
      yield encode([...ids(1000)].flatMap((id) => [v2.syn(id), v2.upd(id, 0, 0x7fffffff)]));
      for (const batch of batches(1000)) yield encode(batch.flatMap((id) => [v2.syn(id), v2.psh(id, 'x')]));
    },
  },
  {
    name: 'reads nothing of what it is sent',
    service: 'source',
    reads: false,
    *bytes() {
      yield encode([...ids(1000)].flatMap((id) => [v2.syn(id), v2.upd(id, 0, 0x7fffffff)]));
    },
  },
  {
    name: 'sends a header and then nothing',
    service: 'echo',
    reads: true,
    connections: 200,
    options: { firstFrameTimeout: 400 },
    code: 'SMUX_ERR_FIRST_FRAME_TIMEOUT',
    *bytes() {
      yield encode([v2.psh(3, 'x')]).subarray(0, 7);
    },
  },
  {
    name: 'sends a header byte by byte',
    service: 'echo',
    reads: true,
    connections: 50,
    pause: 100,
    options: { firstFrameTimeout: 400 },
    code: 'SMUX_ERR_FIRST_FRAME_TIMEOUT',
    *bytes() {
      for (const byte of encode([v2.syn(3)])) yield Uint8Array.of(byte);
    },
  },
];

function encode(frames: readonly Frame[]): Uint8Array {
  return Buffer.concat(encodeFrames(frames));
}

function repeat<T>(count: number, item: (at: number) => T): T[] {
  return Array.from({ length: count }, (_, at) => item(at));
}

function* ids(count = 0x7fffffff): Generator<number, void, undefined> {
  for (let at = 0; at < count; at++) yield 3 + 2 * at;
}

function* batches(size: number): Generator<number[], void, undefined> {
  for (let from = 3; from < 0xffffffff - 2 * size; from += 2 * size) yield repeat(size, (at) => from + 2 * at);
}

const zeros = (size: number) => new Uint8Array(size);
