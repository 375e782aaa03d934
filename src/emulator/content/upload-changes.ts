import { randomUUID } from 'node:crypto';
import { BlobStore } from './blob-store';
import { Uploads } from './uploads';
import { UploadRecord } from '../registry/records';
import { Registry } from '../registry/registry';

interface Registrar {
  readonly registry: Registry;
  readonly blobs: BlobStore;
  readonly uploads: Uploads;
  readonly now: number;
}

export function newUpload({ registry, now }: Registrar, repositoryName: string): UploadRecord {
  const upload: UploadRecord = { uploadId: randomUUID(), touchedAt: now, received: 0, parts: 0, lastPartShort: false, earlierPartShort: false };
  registry.commit({ kind: 'upload', repositoryName, upload });
  return upload;
}

/** What a sealed upload received becomes a layer of its repository. The bytes are kept once, however many repositories have them. */
export function keepUpload(registrar: Registrar, repositoryName: string, { uploadId, received }: UploadRecord, layerDigest: string): void {
  const { registry, blobs, now } = registrar;
  if (!registry.hasBlob(layerDigest)) {
    blobs.keep(uploadId, layerDigest);
  }
  registry.commit({ kind: 'layer', repositoryName, layer: { layerDigest, layerSize: received, addedAt: now } });
  endUpload(registrar, repositoryName, uploadId);
}

/** The upload is over; its bytes go when the journal knows. */
export function endUpload({ registry }: Registrar, repositoryName: string, uploadId: string): void {
  registry.commit({ kind: 'upload-ended', repositoryName, uploadId });
}
