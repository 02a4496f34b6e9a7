/** The API description: as a document, to try out, and to read; all of it works offline. */
import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import fastifyStatic from '@fastify/static';
import { type FastifyInstance } from 'fastify';
import { DAY_MS } from '../../domain/time.ts';
import { type Edge } from '../edge.ts';
import { openApiDocument } from '../openapi.ts';
import { referencePage } from '../reference-page.ts';

const HTML_TYPE = 'text/html; charset=utf-8';
/** Where the files of Swagger UI are served. */
export const DOCS_FILES = '/docs/static/';

const START_SCRIPT = `window.ui = SwaggerUIBundle({ url: '/openapi.json', dom_id: '#ui', deepLinking: true, validatorUrl: null });`;

/** What lets the one inline script run. Source: Content Security Policy Level 3, section 6.7.2.2. */
export const START_SCRIPT_SOURCE = `'sha256-${createHash('sha256').update(START_SCRIPT).digest('base64')}'`;

const DOCS_PAGE = `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<link rel="icon" href="data:,"><title>Sentinel API</title><link rel="stylesheet" href="${DOCS_FILES}swagger-ui.css"></head>
<body><div id="ui"></div><script src="${DOCS_FILES}swagger-ui-bundle.js"></script><script>${START_SCRIPT}</script></body></html>`;

/** Swagger UI's own files come with the package that bundles them. */
function swaggerUiFolder(): string {
  return join(dirname(createRequire(import.meta.url).resolve('@fastify/swagger-ui/package.json')), 'static');
}

export async function addPageRoutes(server: FastifyInstance, edge: Edge): Promise<void> {
  const document = openApiDocument();
  const json = JSON.stringify(document);
  const reference = referencePage(document);
  await server.register(fastifyStatic, {
    root: swaggerUiFolder(),
    prefix: DOCS_FILES,
    decorateReply: false,
    index: false,
    allowedPath: (path) => path !== '/', // of the folder itself it would say 403
    acceptRanges: false, // small files; one that lies outside would be a failure
    maxAge: DAY_MS,
  });
  server.get('/', (_request, reply) => reply.redirect('/docs')); // what a browser asks for first; no part of the API
  edge.route(server, 'GET /openapi.json', (request, reply) => edge.send(request, reply, json));
  edge.route(server, 'GET /docs', (_request, reply) => reply.header('Content-Type', HTML_TYPE).send(DOCS_PAGE));
  edge.route(server, 'GET /redoc', (_request, reply) => reply.header('Content-Type', HTML_TYPE).send(reference));
}
