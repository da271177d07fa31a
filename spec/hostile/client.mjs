// A client that sends for ever, as a process.
import { interval, map } from 'rxjs';
import { connectAsync } from '../../dist/lib/node/index.js';

const session = await connectAsync({ host: '127.0.0.1', port: Number(process.argv[2]) });
const stream = session.open();
interval(1)
  .pipe(map(() => new Uint8Array(1000)))
  .subscribe((bytes) => stream.next(bytes));
process.on('disconnect', () => process.exit());
