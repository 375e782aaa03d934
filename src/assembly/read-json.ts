import { existsSync, readFileSync } from 'node:fs';
import { assemblyError } from './codes';

/** Many times what a template of CloudFormation's size limits needs. */
const MAXIMUM_DEPTH = 500;

/** A file of a cloud assembly. */
export function readJson(file: string): unknown {
  if (!existsSync(file)) {
    throw assemblyError('DD-ASSEMBLY-001', file, 'This file of the cloud assembly does not exist.', {
      fix: 'Run `cdk synth` and give the folder that it writes (cdk.out).',
    });
  }
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw assemblyError('DD-ASSEMBLY-001', file, `This file of the cloud assembly is not JSON: ${(cause as Error).message}.`, {
      fix: 'Run `cdk synth` again.', cause,
    });
  }
  if (isDeeperThan(MAXIMUM_DEPTH, json)) {
    throw assemblyError('DD-ASSEMBLY-001', file, `This file of the cloud assembly is nested more than ${MAXIMUM_DEPTH} levels deep.`, {
      fix: 'Is it what `cdk synth` wrote?',
    });
  }
  return json;
}

/** Level by level, so that no nesting can exhaust the call stack here or later. */
function isDeeperThan(maximum: number, json: unknown): boolean {
  let level: unknown[] = [json];
  for (let depth = 0; depth <= maximum && level.length > 0; depth += 1) {
    level = level.flatMap((value) => typeof value === 'object' && value !== null ? Object.values(value) : []);
  }
  return level.length > 0;
}
