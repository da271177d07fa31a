// Serves the page and its streams: npm run demo:dashboard, or node dist/demo/dashboard/server.js PORT.
import { createServer } from 'node:http';
import { type AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { pages } from './server/pages.js';
import { TrafficServer } from './server/TrafficServer.js';
import { webSockets } from './server/webSockets.js';
import { ADJUST_PATH } from './shared/settings.js';

const port = Number(process.argv[2] ?? 4000);
const page = pages(fileURLToPath(new URL('../../../demo/dashboard/dist', import.meta.url)));
const traffic = new TrafficServer();

const server = createServer((request, response) => {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
  if (request.method !== 'POST' || pathname !== ADJUST_PATH) return page(request, response);
  const [key = '', weight, isSlow] = ['key', 'weight', 'isSlow'].map((name) => searchParams.get(name) ?? '');
  try {
    traffic.adjust({ key, weight: Number(weight), isSlow: isSlow === 'true' });
    response.writeHead(204).end();
  } catch (cause) {
    response.writeHead(400).end(String(cause)); // no weight
  }
});

traffic.serve(webSockets(server)).subscribe();
server.on('error', ({ message }) => {
  console.error(`${message}; another port: npm run demo:dashboard -- PORT`);
  process.exitCode = 1;
});
server.listen(port, '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
});
