import { describe, expect, it } from 'vitest';
import { SessionError } from '../../lib/errors.js';
import { PushedInput } from '../../lib/web/PushedInput.js';
import { bytes } from '../helpers/frames.js';
import { marbles } from '../helpers/marbles.js';
import { observe } from '../helpers/observe.js';

const [a, b, c] = [bytes('a'), bytes('b'), bytes('c')];
const cause = new Error('gone');
const values = { a, b, c, x: bytes('bc') };
/** What a letter of a script does. */
const act = (input: PushedInput) => (letter: string) => {
  if (letter in values) input.push(values[letter as keyof typeof values]);
  else if (letter === 'p') input.pause();
  else if (letter === 'r') input.resume();
  else input.end(letter === 'f' ? { cause } : {});
};

describe('PushedInput', () => {
  it(
    'passes on what arrives, then the end',
    marbles(({ cold, expectObservable }) => {
      const input = new PushedInput({});
      cold('                                --a--b--c--e').subscribe(act(input));
      expectObservable(input.incoming$).toBe('--a--b--c--|', values);
    }),
  );

  it(
    'holds what arrives while it is paused, small chunks gathered',
    marbles(({ cold, expectObservable }) => {
      const input = new PushedInput({});
      cold('                                --a-p-b--c--r--a--e').subscribe(act(input));
      expectObservable(input.incoming$).toBe('--a---------x--a--|', values);
    }),
  );

  it(
    'holds what arrives before the subscription, the end too',
    marbles(({ expectObservable }) => {
      const input = new PushedInput({});
      for (const letter of 'bce') act(input)(letter);
      expectObservable(input.incoming$, '---^---').toBe('---(x|)', values);
    }),
  );

  it(
    'emits nothing from inside resume, and keeps the order of what arrives before its turn',
    marbles(({ flush }) => {
      const input = new PushedInput({});
      const { values: received } = observe(input.incoming$);
      input.pause();
      input.push(b);
      input.resume();
      expect(received).toEqual([]);
      input.push(c);
      expect(received).toEqual([]);
      flush();
      expect(received).toEqual([bytes('bc')]);
    }),
  );

  it(
    'stops in the middle of what was held when it is paused again',
    marbles(({ flush }) => {
      const input = new PushedInput({});
      const received: number[] = [];
      input.incoming$.subscribe((chunk) => {
        received.push(chunk.length);
        input.pause();
      });
      input.pause();
      for (let round = 0; round < 3; round++) input.push(new Uint8Array(3000));
      input.resume();
      flush();
      expect(received).toEqual([3000]);
      input.resume();
      flush();
      expect(received).toEqual([3000, 3000]);
    }),
  );

  it.each([
    ['in order', 'e', '--a----(x|)'],
    ['with a failure', 'f', '--a----(x#)'],
  ])('lets go of what is held when the link ends %s, though it is paused', (_, end, expected) => {
    marbles(({ cold, expectObservable }) => {
      const input = new PushedInput({});
      cold(`--a-pbc${end}`).subscribe(act(input));
      expectObservable(input.incoming$).toBe(expected, values, cause);
    })();
  });

  it(
    'ends once, and takes nothing afterwards',
    marbles(({ cold, expectObservable }) => {
      const input = new PushedInput({});
      cold('                                --a--e-b-f').subscribe(act(input));
      expectObservable(input.incoming$).toBe('--a--|', values);
    }),
  );

  it(
    'errors when more is held than allowed, behind what was held',
    marbles(({ cold, expectObservable }) => {
      const input = new PushedInput({ maxPausedBuffer: 1 });
      const error = new SessionError(
        'SMUX_ERR_RECEIVE_BUFFER',
        'more than 1 bytes arrived while the session was not reading',
      );
      cold('                                p-b--c----').subscribe(act(input));
      expectObservable(input.incoming$).toBe('-----(x#)-', values, error);
    }),
  );

  it(
    'has forgotten a subscriber that has left',
    marbles(({ cold, expectObservable }) => {
      const input = new PushedInput({});
      cold('                                          -a-b').subscribe(act(input));
      expectObservable(input.incoming$, '^-!').toBe('-a--', values);
    }),
  );
});
