import { DAY } from '../../lifecycle/time';
import { Registry } from '../registry/registry';

/** ECR does not say how long it keeps what no image lists; a day is long enough for every push. */
const KEPT_MS = DAY;

/** Uploads that do not go on, and layers that no image ever listed, are cleaned up after 24 hours of the emulator's clock. */
export class Expiry {
  constructor(private readonly registry: Registry) {}

  public settle(now: number): void {
    for (const repository of this.registry.repositories()) {
      const { repositoryName } = repository.record;
      for (const { uploadId, touchedAt } of repository.uploads.values()) {
        if (now - touchedAt >= KEPT_MS) {
          this.registry.commit({ kind: 'upload-ended', repositoryName, uploadId });
        }
      }
      for (const layerDigest of repository.unreferencedLayers) {
        if (now - repository.layers.get(layerDigest)!.addedAt >= KEPT_MS) {
          this.registry.commit({ kind: 'layer-deleted', repositoryName, layerDigest });
        }
      }
    }
  }
}
