// Serves the page, and streams without end over its WebSocket: npm start, or node server.mjs PORT.
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname } from 'node:path';
import { setInterval } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { handleStreams } from 'rx-smux';
import { listenWebSocket } from 'rx-smux/node';
import { firstValueFrom, mergeMap, of } from 'rxjs';

const port = Number(process.argv[2] ?? 4000);
const folder = fileURLToPath(new URL('dist', import.meta.url));
const types = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css' };
const CHUNK_SIZE = 50_000; // bytes
const chunk = new Uint8Array(CHUNK_SIZE);

const server = createServer(async ({ url = '/' }, response) => {
  const name = url === '/' ? '/index.html' : new URL(url, 'http://localhost').pathname; // `..` is resolved away
  try {
    const content = await readFile(folder + name);
    response.writeHead(200, { 'content-type': types[extname(name)] ?? 'application/octet-stream' }).end(content);
  } catch {
    response.writeHead(404).end();
  }
}).listen(port, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}/`));

listenWebSocket({ server, path: '/smux' })
  .pipe(mergeMap((session) => session.streams$.pipe(handleStreams(serve, { onError: () => {} }))))
  .subscribe();

/** The first byte of a stream is the pace of the answer in MB a second; it does not end. */
async function serve(stream) {
  const [pace] = await firstValueFrom(stream.demand(of(1)));
  await stream.send(endlessly(pace)).forEach(() => {});
}

/** Pulled only as fast as the page reads. */
async function* endlessly(pace) {
  for await (const _ of setInterval(CHUNK_SIZE / (pace * 1000))) yield chunk;
}
