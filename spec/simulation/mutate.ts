import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { type Core } from './harness/Core.js';
import { type Mutant } from './mutants.js';

/**
 * Loads a copy of the compiled library that has the fault of a mutant.
 * @param number tells its copy from the others
 * @throws Error when the library has no such place, or several
 */
export async function mutate({ name, file, find, replace }: Mutant, number: number): Promise<Core> {
  const folder = `${MUTANTS_FOLDER}/${number}`;
  rmSync(folder, { recursive: true, force: true });
  cpSync(BUILT, folder, { recursive: true, filter: (path) => !/\.(d\.ts|map)$/.test(path) });
  const path = `${folder}/${file}.js`;
  const source = readFileSync(path, 'utf8');
  const matches = source.match(patternOf(find)) ?? [];
  if (matches.length !== 1) {
    throw new Error(`the mutant that ${name} no longer applies: lib/${file} has ${matches.length} of: ${find}`);
  }
  writeFileSync(
    path,
    source.replace(patternOf(find), () => replace),
  );
  const load = (module: string) => import(/* @vite-ignore */ pathToFileURL(`${folder}/${module}.js`).href);
  const [{ MuxSession }, { resolveOptions }] = await Promise.all([load('session/MuxSession'), load('options')]);
  return { MuxSession, resolveOptions } as Core;
}

/** The text as it is, but for white space. */
function patternOf(text: string): RegExp {
  const words = text.split(/\s+/).map((word) => word.replaceAll(/[$()*+.?[\\\]^{|}]/g, '\\$&'));
  return new RegExp(words.join('\\s+'), 'g');
}

const BUILT = fileURLToPath(new URL('../../dist/lib', import.meta.url));
/** Beside the library, so that both use the same RxJS. */
const MUTANTS_FOLDER = fileURLToPath(new URL('../../dist/mutants', import.meta.url));
