import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { type RunningCommand, startCommand } from '../helpers/command.js';
import { randomChunks, sha256 } from '../helpers/random.js';
import { tcpConnect, tcpServer } from './tcp.js';

describe('memory', () => {
  it('stays flat while a reader does not read, and the transfer is whole afterwards', async () => {
    let sent = 0;
    const target = await tcpServer(async (socket) => {
      for (const chunk of randomChunks(SIZE, 3)) {
        sent += chunk.length;
        if (!socket.write(chunk)) await new Promise((resolve) => socket.once('drain', resolve));
      }
      socket.end();
    });
    const server = await startCommand('server', '-l', '127.0.0.1:0', '-t', `127.0.0.1:${target.port}`);
    const client = await startCommand('client', '-l', '127.0.0.1:0', '-r', server.address);
    const processes = [server, client];
    const before = peakOf(processes);

    const socket = await tcpConnect(client.port);
    const chunks: Buffer[] = [];
    for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
      chunks.push(chunk);
      if (chunks.length !== 10) continue;
      await sleep(1000); // until every buffer on the way is full
      const [sentThen, memoryThen] = [sent, peakOf(processes)];
      await sleep(1000);
      expect(sent).toBe(sentThen);
      expect(sent).toBeLessThan(SIZE);
      expect(peakOf(processes) - memoryThen).toBeLessThan(4 * MIB);
      expect(peakOf(processes) - before).toBeLessThan(48 * MIB);
    }
    socket.end();
    expect(sha256(chunks)).toBe(sha256(randomChunks(SIZE, 3)));
  });
});

const peakOf = (processes: readonly RunningCommand[]) => Math.max(...processes.map(({ memory }) => memory));

const MIB = 1024 * 1024;
const SIZE = 64 * MIB;
