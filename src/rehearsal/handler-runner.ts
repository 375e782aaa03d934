/**
 * What the handler's own process runs: `node -e` of this text, so that it is there in a bundle of one file, too. It does what the
 * Lambda runtime does for Node.js: loads the handler once, calls it with event and context, understands promises and callbacks.
 * Messages go over the IPC channel; a NUL-marked line on stdout and stderr says that everything before it belongs to that call.
 */
export const RUNNER_SOURCE = String.raw`
'use strict';
const { existsSync } = require('node:fs');
const { join, dirname } = require('node:path');
const { pathToFileURL } = require('node:url');

const send = process.send.bind(process);
process.send = undefined;
const root = process.env.LAMBDA_TASK_ROOT;
let loaded;
let current;

function describe(error) {
  return error instanceof Error
    ? { errorType: error.name, errorMessage: error.message, stack: String(error.stack || '') }
    : { errorType: typeof error, errorMessage: String(error), stack: '' };
}

function finish(message, then) {
  const mark = '\n\u0000' + message.id + '\n';
  process.stdout.write(mark, () => process.stderr.write(mark, () => send(message, then)));
}

async function load() {
  const handler = process.env._HANDLER;
  const dot = handler.lastIndexOf('.');
  const base = join(root, handler.slice(0, dot));
  const file = ['.js', '.mjs', '.cjs'].map((extension) => base + extension).find(existsSync);
  if (file === undefined) {
    throw Object.assign(new Error("Cannot find module '" + handler.slice(0, dot) + "'"), { name: 'Runtime.ImportModuleError' });
  }
  let loadedModule;
  try {
    loadedModule = file.endsWith('.mjs') ? await import(pathToFileURL(file)) : require(file);
  } catch (error) {
    if (!error || error.code !== 'ERR_REQUIRE_ESM') {
      throw error;
    }
    loadedModule = await import(pathToFileURL(file));
  }
  const found = handler.slice(dot + 1).split('.').reduce((object, key) => (object === undefined ? undefined : object[key]), loadedModule);
  if (typeof found !== 'function') {
    throw Object.assign(new Error(handler + ' is undefined or not exported'), { name: 'Runtime.HandlerNotFound' });
  }
  return found;
}

function call(handler, event, context) {
  return new Promise((resolve, reject) => {
    const callback = (error, result) => (error ? reject(error) : resolve(result));
    Object.assign(context, { done: callback, succeed: resolve, fail: reject });
    const returned = handler(event, context, callback);
    if (returned && typeof returned.then === 'function') {
      returned.then(resolve, reject);
    } else if (handler.length < 3) {
      // Neither a promise nor a callback: what it has started may still be going on, and ends with the event loop.
      resolve(returned);
    }
  });
}

process.on('message', async ({ id, event, context: given }) => {
  current = id;
  try {
    loaded = loaded || load();
    let handler;
    try {
      handler = await loaded;
    } catch (error) {
      loaded = undefined;
      finish({ id, outcome: 'init-error', ...describe(error) });
      return;
    }
    const deadline = Date.now() + given.timeoutMillis;
    const { timeoutMillis, ...members } = given;
    const result = await call(handler, event, {
      ...members,
      callbackWaitsForEmptyEventLoop: true,
      getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
    });
    finish({ id, outcome: 'done', result: JSON.stringify(result) });
  } catch (error) {
    finish({ id, outcome: 'error', ...describe(error) });
  }
});

process.on('uncaughtException', (error) => {
  finish({ id: current, outcome: 'error', ...describe(error) }, () => process.exit(1));
});
process.on('disconnect', () => process.exit(0));
`;
