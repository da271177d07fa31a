import { once } from 'node:events';
import { connect, createServer } from 'node:net';

/** Forwards connections to a port, and now and then resets one of them, or lets it fall silent. */
export async function faultyProxy(target, everyMs) {
  const links = new Set();
  const server = createServer({ allowHalfOpen: true }, (near) => {
    const far = connect({ port: target, host: '127.0.0.1', allowHalfOpen: true });
    const link = [near, far];
    links.add(link);
    for (const socket of link) {
      socket.on('error', () => undefined);
      socket.on('close', () => {
        links.delete(link);
        for (const other of link) other.destroy();
      });
    }
    near.pipe(far).pipe(near);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const counts = { resets: 0, silences: 0 };
  const timer = setInterval(() => {
    const [link] = links;
    if (link === undefined) return;
    links.delete(link);
    if (counts.resets++ <= counts.silences) return link[counts.resets % 2].resetAndDestroy();
    counts.resets--;
    counts.silences++;
    for (const socket of link) socket.unpipe().pause();
  }, everyMs);
  const stop = () => {
    clearInterval(timer);
    server.close();
  };
  return { port: server.address().port, counts, stop };
}
