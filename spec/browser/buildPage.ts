import { fileURLToPath } from 'node:url';
import { build } from 'vite';

/** Builds the page as an application would; the folder with it, and all the code that it runs. */
export async function buildPage(): Promise<{ readonly folder: string; readonly code: string }> {
  const folder = fileURLToPath(new URL('../../dist/browser', import.meta.url));
  const built = await build({
    configFile: false,
    root: fileURLToPath(new URL('page', import.meta.url)),
    logLevel: 'error',
    worker: { format: 'es' },
    build: { outDir: folder, emptyOutDir: true, target: 'es2022', minify: false },
  });
  const [result] = [built].flat();
  if (!result || !('output' in result)) throw new Error('nothing was built');
  const code = result.output.map((part) => (part.type === 'chunk' ? part.code : String(part.source))).join('\n');
  return { folder, code };
}
