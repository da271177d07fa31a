import { connect, createServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** A TCP server on a free port of the loopback interface; gone, with its connections, when the test has finished. */
export async function tcpServer(serve: (socket: Socket) => void, port = 0): Promise<{ port: number; close(): void }> {
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    serve(socket);
  });
  const close = () => {
    server.close();
    for (const socket of sockets) socket.destroy();
  };
  onTestFinished(close);
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no TCP address');
  return { port: address.port, close };
}

/** A server that sends back what it gets. */
export const echoServer = (port?: number) => tcpServer((socket) => void socket.pipe(socket), port);

/** A connection, with errors left to {@link outcome}. */
export async function tcpConnect(port: number): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  socket.on('error', () => undefined);
  onTestFinished(() => void socket.destroy());
  await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject));
  return socket;
}

/** Sends the bytes, then the end, and resolves with all that comes back until the end. */
export async function exchange(port: number, bytes: Uint8Array | string): Promise<Buffer> {
  const socket = await tcpConnect(port);
  socket.end(bytes);
  const answer = await readAll(socket);
  socket.destroy();
  return answer;
}

export async function readAll(socket: Socket): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of socket.iterator({ destroyOnReturn: false })) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** How a connection ends that nobody writes to any more: `'end'`, or the code of its error. */
export function outcome(socket: Socket): Promise<string> {
  return new Promise((resolve) => {
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    socket.once('end', () => resolve('end')).resume();
  });
}
