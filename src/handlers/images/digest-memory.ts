import { RepositoryAddress } from '../../ecr/registry';
import { Kind, physicalIdOf } from '../ownership';
import { hashOfProperties } from './properties-hash';
import { CustomResourceEvent } from '../protocol';
import { Run } from '../run';

/**
 * What a physical id remembers. A tag moves, so in a rollback it no longer says what it said before; attributes are not sent to the handler, and a registry
 * need not be writable. So the digest is in the id: another digest is another resource, the old id keeps its own attributes, and an Update that leads back
 * finds the digest to go back to.
 */
interface Memory {
  /** Of the properties that led to the digest. */
  readonly properties: string;
  readonly digest: string;
  /** Before that; absent with a creation. */
  readonly previous?: string;
}

const MEMORY = /:([0-9a-f]{16}):([0-9a-f]{64}):([0-9a-f]{64}|-)$/;

/** The digest that an update in a rollback has to lead back to; undefined when there is none to remember. Asks CloudFormation. */
export async function digestBefore(run: Run): Promise<string | undefined> {
  const { RequestType, OldResourceProperties } = run.event;
  const memory = memoryOf(run.event);
  if (RequestType !== 'Update' || memory === undefined || await run.direction() !== 'rolling-back') {
    return undefined;
  }
  // Made by the update that failed, or still that of before.
  return memory.properties === hashOfProperties(OldResourceProperties ?? {}) ? memory.previous ?? memory.digest : memory.digest;
}

/** The id of a resource that stands for a digest. It stays while the digest does. */
export function idWithDigest(run: Run, kind: Kind, address: RepositoryAddress, digest: string): string {
  const { event } = run;
  const place = physicalIdOf(kind, address, event.LogicalResourceId);
  const memory = memoryOf(event);
  const old = event.PhysicalResourceId ?? '';
  // While the digest before is another, what led to the present one must be known.
  const isSettled = memory !== undefined && (memory.previous === undefined || memory.previous === memory.digest);
  if (memory?.digest === digest && (isSettled || memory.properties === hashOfProperties(event.ResourceProperties)) && old.replace(MEMORY, '') === place) {
    return old;
  }
  return `${place}:${hashOfProperties(event.ResourceProperties)}:${hex(digest)}:${memory === undefined ? '-' : hex(memory.digest)}`;
}

function memoryOf({ PhysicalResourceId }: CustomResourceEvent): Memory | undefined {
  const [, properties, digest, previous] = MEMORY.exec(PhysicalResourceId ?? '') ?? [];
  return properties === undefined ? undefined : { properties, digest: `sha256:${digest}`, ...(previous === '-' ? {} : { previous: `sha256:${previous}` }) };
}

function hex(digest: string): string {
  return digest.slice('sha256:'.length);
}
