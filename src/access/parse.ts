import { AccessPolicy, isRecord, isTooDeep, Statement } from './model';
import { DrydockError, Problem } from '../errors';

/** Reads a policy text. Throws DD-ACCESS-001 for anything but a document with statements; what stands in the statements is kept as it is. */
export function parsePolicy(text: string): AccessPolicy {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    throw fail('', `The repository policy is not JSON: ${(error as Error).message}.`, text, error);
  }
  return toPolicy(document);
}

/** The same for a document that is an object already. */
export function toPolicy(document: unknown): AccessPolicy {
  if (!isRecord(document)) {
    throw fail('', 'The repository policy is not a JSON object.', document);
  }
  if (isTooDeep(document)) {
    throw fail('', 'The repository policy nests deeper than any policy does.', undefined);
  }
  const statements = Array.isArray(document.Statement) ? document.Statement : document.Statement === undefined ? undefined : [document.Statement];
  if (statements === undefined) {
    throw fail('/Statement', 'The repository policy has no Statement.', document);
  }
  const wrong = statements.findIndex((statement) => !isRecord(statement));
  if (wrong >= 0) {
    throw fail(`/Statement/${wrong}`, 'The statement is not a JSON object.', statements[wrong]);
  }
  for (const name of ['Version', 'Id']) {
    if (document[name] !== undefined && typeof document[name] !== 'string') {
      throw fail(`/${name}`, `${name} is not text.`, document[name]);
    }
  }
  return { ...document, Statement: statements as Statement[] };
}

function fail(pointer: string, message: string, value: unknown, cause?: unknown): DrydockError {
  const problem: Problem = {
    code: 'DD-ACCESS-001', pointer, message, value, fix: 'Give a JSON object with a list Statement.', awsMessage: 'Invalid repository policy provided',
  };
  return new DrydockError(problem, { cause });
}
