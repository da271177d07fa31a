// One end of a link, as a process: told what to do in its argument, answers with JSON lines, ends with its standard input.
import { type Answer, type Order } from './Order.js';
import { loadPeer } from './peers/loadPeer.js';
import { type Link } from './peers/Peer.js';
import { type Task } from './tasks/Task.js';
import { type LinkWork, tasks } from './tasks/tasks.js';

process.stdin.on('end', () => process.exit()).resume();
run(JSON.parse(process.argv[2] ?? '') as Order).catch((error: unknown) => {
  answer({ event: 'error', message: error instanceof Error ? (error.stack ?? error.message) : String(error) });
});

async function run({ peer: name, role, port: given, work }: Order): Promise<void> {
  if (work.task === 'longLink') {
    const { longLink } = await import('./simulation/longLink.js');
    return answer({ event: 'result', role: 'alone', values: longLink(work) });
  }
  const peer = await loadPeer(name);
  const task = tasks[work.task] as Task<LinkWork>;
  const results: Promise<void>[] = [];
  const report = async (end: 'server' | 'client', measure: 'serve' | 'drive', link: Link) => {
    const values = await task[measure](link, work);
    answer({ event: 'result', role: end, values });
  };
  let port = given;
  if (role !== 'client') {
    port = await peer.listen((link) => results.push(report('server', 'serve', link)));
    answer({ event: 'listening', port });
  }
  if (role !== 'server' && port !== undefined) results.push(report('client', 'drive', await peer.connect(port)));
  await Promise.all(results);
}

function answer(line: Answer): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
