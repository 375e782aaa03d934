import { ImageRecord } from './registry/records';

export function archived(image: ImageRecord, now: number): ImageRecord {
  return { ...image, imageStatus: 'ARCHIVED', lastArchivedAt: now };
}

/** On its way back from the archive. */
export function restoring(image: ImageRecord, activatesAt: number): ImageRecord {
  return { ...image, imageStatus: 'ACTIVATING', activatesAt };
}

/** Back in standard storage. */
export function restored(image: ImageRecord, now: number): ImageRecord {
  const { activatesAt: _, ...rest } = image;
  return { ...rest, imageStatus: 'ACTIVE', lastActivatedAt: now };
}
