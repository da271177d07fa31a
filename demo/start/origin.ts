import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { bytesOf, type DemoFile } from './files.js';

/** The HTTP server at the far end: `GET /name` answers with a file, `PUT` with the SHA-256 of what it got. */
export async function startOrigin(
  files: readonly DemoFile[],
  corrupt: string | undefined,
): Promise<{ readonly port: number; readonly server: Server }> {
  const byPath = new Map(files.map((file) => [`/${file.name}`, file]));

  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    if (request.method === 'PUT') {
      const hash = createHash('sha256');
      for await (const chunk of request) hash.update(chunk);
      response.end(hash.digest('hex'));
      return;
    }
    const file = byPath.get(request.url ?? '');
    if (file === undefined) {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, { 'content-length': file.size });
    const bytes = file.name === corrupt ? withWrongByte(bytesOf(file)) : bytesOf(file);
    await pipeline(Readable.from(bytes, { objectMode: false }), response);
  };

  const server = createServer((request, response) => {
    serve(request, response).catch((error: Error) => response.destroy(error));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, server };
}

function* withWrongByte(chunks: Iterable<Buffer>): Generator<Buffer, void, undefined> {
  let isFirst = true;
  for (const chunk of chunks) {
    if (isFirst) chunk[0] = (chunk[0] ?? 0) ^ 1;
    isFirst = false;
    yield chunk;
  }
}
