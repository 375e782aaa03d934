import { BlobStore } from './blob-store';
import { DrydockError } from '../../errors';
import { Registry } from '../registry/registry';

/** At the start: the directory must hold the bytes of every layer and upload that the journal names; what nobody names is removed. */
export function requireBytes(store: BlobStore, registry: Registry): void {
  const repositories = registry.repositories();
  const lost = store.reconcile(
    new Map(repositories.flatMap(({ layers }) => [...layers.values()].map(({ layerDigest, layerSize }) => [layerDigest, layerSize] as const))),
    new Map(repositories.flatMap(({ uploads }) => [...uploads.values()].map(({ uploadId, received }) => [uploadId, received] as const))),
  );
  if (lost.length > 0) {
    throw new DrydockError(lost.map((file) => ({
      code: 'DD-EMULATOR-004',
      pointer: file,
      message: `${file} is missing, or not as long as the journal says.`,
      fix: 'Remove the directory to start afresh, or restore it from a copy.',
    })), { heading: 'The data directory is damaged:' });
  }
}
