import { readFile } from 'node:fs/promises';
import { type RequestListener } from 'node:http';
import { extname } from 'node:path';

/** Answers requests with the files of a folder. */
export function pages(folder: string): RequestListener {
  return async ({ url = '/' }, response) => {
    const { pathname } = new URL(url, 'http://localhost'); // `..` is resolved away
    const name = pathname === '/' ? '/index.html' : pathname;
    try {
      const content = await readFile(folder + name);
      response.writeHead(200, { 'content-type': TYPES[extname(name)] ?? 'application/octet-stream' }).end(content);
    } catch {
      response.writeHead(404).end();
    }
  };
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
};
