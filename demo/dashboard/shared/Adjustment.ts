import { type TrafficRequest } from './TrafficRequest.js';

/** What the page may ask anew while a stream runs; the key says of which one. */
export type Adjustment = Pick<TrafficRequest, 'key' | 'weight' | 'isSlow'>;
