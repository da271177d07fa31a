import { createSession, handleStreams } from 'rx-smux';
import { linkedTransports } from 'rx-smux/testing';
import { finalize, lastValueFrom, mergeMap, tap, toArray } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { type Delivery } from './Delivery';
import { sendFile } from './sendFile';
import { type UploadFile } from './UploadFile';

// In real time, since web streams know no other.
describe('sendFile', () => {
  it('sends all of a file, and ends with the checksums of both ends', async () => {
    const { deliveries, arrived } = await upload(fileOf(chunks), JSON.stringify(CHECKSUM));
    expect(arrived).toEqual([...chunks()].flatMap((chunk) => [...chunk]));
    expect(deliveries[0]).toEqual({ sent: 0 });
    expect(deliveries.at(-2)).toEqual({ sent: 30_000 });
    expect(deliveries.at(-1)).toEqual({ sent: 30_000, checksums: { here: CHECKSUM, there: CHECKSUM } });
  });

  it('hands on what the server says, be it another checksum', async () => {
    const there = { size: 1, sha256: 'ff' };
    const { deliveries } = await upload(fileOf(chunks), JSON.stringify(there));
    expect(deliveries.at(-1)?.checksums).toEqual({ here: CHECKSUM, there });
  });

  it('sends an empty file', async () => {
    const { deliveries, arrived } = await upload(
      fileOf(function* () {}),
      JSON.stringify(CHECKSUM),
    );
    expect(arrived).toEqual([]);
    expect(deliveries.at(-1)).toEqual({ sent: 0, checksums: { here: CHECKSUM_OF_NOTHING, there: CHECKSUM } });
  });

  it('ends with the reason when the file cannot be read any more', async () => {
    const removed = fileOf(function* () {
      yield new Uint8Array(10_000);
      throw new Error('somebody has removed it');
    });
    const { deliveries } = await upload(removed, JSON.stringify(CHECKSUM));
    expect(deliveries.at(-1)?.failure).toBe('the file cannot be read: somebody has removed it');
  });

  it('ends with the reason when the server says nothing', async () => {
    const { deliveries } = await upload(fileOf(chunks), '');
    expect(deliveries.at(-1)).toEqual({ sent: 30_000, failure: 'the server has not said what has arrived' });
  });

  it('errors when the link is lost', async () => {
    const endless = fileOf(function* () {
      for (;;) yield new Uint8Array(10_000);
    });
    await expect(upload(endless, '', 100_000)).rejects.toThrow('lost');
  });
});

/** Sends a file to a server that gives this answer. @param breakAfterBytes what the link carries */
async function upload(file: UploadFile, answer: string, breakAfterBytes = Number.POSITIVE_INFINITY) {
  const [near, far] = linkedTransports({ aToB: { breakAfterBytes } });
  const session = createSession(near, { role: 'client' });
  const arrived: number[] = [];
  createSession(far, { role: 'server' })
    .streams$.pipe(
      handleStreams((stream) =>
        stream.pipe(
          tap((chunk) => arrived.push(...chunk)),
          toArray(),
          mergeMap(() => stream.send([new TextEncoder().encode(answer)])),
        ),
      ),
    )
    .subscribe();
  const deliveries$ = sendFile(session.open(), file).pipe(
    toArray(),
    finalize(() => session.destroy()),
  );
  const deliveries: readonly Delivery[] = await lastValueFrom(deliveries$);
  return { deliveries, arrived };
}

function fileOf(chunks: () => Generator<Uint8Array<ArrayBuffer>>): UploadFile {
  const stream = () => {
    const iterator = chunks();
    return new ReadableStream({
      pull(controller) {
        const { done, value } = iterator.next();
        if (done) controller.close();
        else controller.enqueue(value);
      },
    });
  };
  return { name: 'file', size: 30_000, stream };
}

function* chunks(): Generator<Uint8Array<ArrayBuffer>> {
  for (let fill = 1; fill <= 3; fill++) yield new Uint8Array(10_000).fill(fill);
}

/** As `sha256sum` has them. */
const CHECKSUM = { size: 30_000, sha256: 'f7ebfc82a86ad7f599277e96fcad36843c27db7e657b55e810128163f8d84c66' };
const CHECKSUM_OF_NOTHING = {
  size: 0,
  sha256: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
};
