import { type SmuxStream } from 'rx-smux';
import { concatMap, last, map, type Observable, of, reduce } from 'rxjs';
import { type TrafficRequest } from './TrafficRequest.js';

/** Takes from a stream what {@link encodeRequest} has put at its beginning, and not a byte more. */
export function readRequest(stream: SmuxStream): Observable<TrafficRequest> {
  return stream.demand(of(1)).pipe(
    last(), // one reader at a time: when that one is done
    concatMap(([length = 0]) => stream.demand(of(length))),
    reduce((text, bytes) => text + new TextDecoder().decode(bytes), ''), // ASCII: a chunk may end anywhere
    map((json) => JSON.parse(json)),
  );
}
