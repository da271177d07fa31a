import { lastValueFrom, of } from 'rxjs';
import { createSession, handleStreams, type SmuxStream } from '../../../lib/index.js';
import { messagePortTransport } from '../../../lib/web/index.js';
import { randomChunks } from '../../helpers/randomBytes.js';

addEventListener('message', ({ data: { port, version } }) => {
  const session = createSession(messagePortTransport(port), { role: 'server', version });
  session.streams$.pipe(handleStreams(serve)).subscribe();
});

/** The first byte of a stream tells whether to echo it, to send without end, or to read nothing. */
async function serve(stream: SmuxStream): Promise<void> {
  const [verb] = await lastValueFrom(stream.demand(of(1)));
  if (verb === 0) await lastValueFrom(stream.send(stream), { defaultValue: 0 });
  if (verb === 1) await lastValueFrom(stream.send(randomChunks(1_000_000_000, 1)));
  if (verb === 2) await lastValueFrom(stream.closed$);
}
