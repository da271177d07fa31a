import { type UploadFile } from './UploadFile';

const CHUNK_SIZE = 32 * 1024;
const CHUNK_COUNT = 8192;

/** Zeros, a minute of them or more, for those who have no large file at hand. */
export const MADE_UP_FILE: UploadFile = {
  name: 'made-up file',
  size: CHUNK_COUNT * CHUNK_SIZE,
  stream() {
    let left = CHUNK_COUNT;
    return new ReadableStream({
      pull(controller) {
        if (left-- > 0) controller.enqueue(new Uint8Array(CHUNK_SIZE));
        else controller.close();
      },
    });
  },
};
