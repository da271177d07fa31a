import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { onTestFinished } from 'vitest';

/**
 * A UDP relay that loses datagrams, both ways, as a seed decides.
 * @param loss from 0 to 1
 * @returns the port that stands for the target
 */
export async function lossyRelay(targetPort: number, loss: number, seed = 1): Promise<number> {
  let state = seed;
  const isLost = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32 < loss;
  };
  const front = createSocket({ type: 'udp4', recvBufferSize: 4_194_304, sendBufferSize: 4_194_304 });
  const backs = new Map<number, Socket>();
  onTestFinished(() => {
    front.close();
    for (const back of backs.values()) back.close();
  });
  front.on('message', (datagram, { port }: RemoteInfo) => {
    let back = backs.get(port);
    if (back === undefined) {
      back = createSocket({ type: 'udp4', recvBufferSize: 4_194_304, sendBufferSize: 4_194_304 });
      back.on('message', (answer) => {
        if (!isLost()) front.send(answer, port, '127.0.0.1');
      });
      backs.set(port, back);
    }
    if (!isLost()) back.send(datagram, targetPort, '127.0.0.1');
  });
  front.bind(0, '127.0.0.1');
  await once(front, 'listening');
  return front.address().port;
}
