import * as fs from 'fs';
import * as path from 'path';
import { ImageDetail, Inventory, PolicyDocument } from '../../src/lifecycle/model';

const SHARED = path.join(__dirname, '..', '..', '..', 'shared');
const VECTORS = process.env.DRYDOCK_VECTORS ?? path.join(SHARED, 'vectors');
const INVENTORIES = process.env.DRYDOCK_INVENTORIES ?? path.join(SHARED, 'inventories');

export interface EvaluationVector {
  readonly name: string;
  readonly policy: PolicyDocument;
  readonly images: readonly VectorImage[];
  readonly now: string;
  readonly expected: readonly VectorAction[];
  readonly blocked?: readonly VectorAction[];
  readonly cascade?: readonly { readonly digest: string; readonly action: string; readonly becauseOf: string }[];
}

interface VectorAction {
  readonly digest: string;
  readonly action: string;
  readonly rulePriority: number;
}

interface VectorImage {
  readonly digest: string;
  readonly tags: readonly string[];
  readonly pushedAt: string;
  readonly lastPulledAt?: string;
  readonly lastArchivedAt?: string;
  readonly lastActivatedAt?: string;
  readonly storageClass?: string;
  readonly mediaType?: string;
  readonly artifactType?: string;
  readonly children?: readonly string[];
  readonly subject?: string;
}

export interface ValidationVector {
  readonly name: string;
  readonly policyText: string;
  readonly valid: boolean;
  readonly errorContains?: string;
}

export interface RealPolicy extends PolicyDocument {
  readonly source: string;
  readonly suspect: readonly string[] | null;
}

/** The vectors of one file, or undefined (with a word about it) where they are not present. */
export function vectors<T>(file: string): readonly T[] | undefined {
  return readJson(path.join(VECTORS, file), 'DRYDOCK_VECTORS') as T[] | undefined;
}

export interface NamedInventory {
  readonly name: string;
  readonly inventory: Inventory;
}

let loaded: NamedInventory[] | undefined;

/** Real publication histories; empty (with a word about it) where they are not present. */
export function realInventories(): readonly NamedInventory[] {
  if (loaded === undefined) {
    const files = fs.existsSync(INVENTORIES) ? fs.readdirSync(INVENTORIES).filter((file) => file.endsWith('.json')).sort() : [];
    if (files.length === 0) {
      console.info(`Skipped: no inventories in ${INVENTORIES} (DRYDOCK_INVENTORIES).`);
    }
    loaded = files.map((file) => ({ name: file, inventory: JSON.parse(fs.readFileSync(path.join(INVENTORIES, file), 'utf8')) as Inventory }));
  }
  return loaded;
}

export function inventoryOf(images: readonly VectorImage[]): Inventory {
  const withChildren = images.filter((image) => image.children !== undefined);
  return {
    imageDetails: images.map((image): ImageDetail => ({
      imageDigest: image.digest,
      ...(image.tags.length > 0 && { imageTags: image.tags }),
      imagePushedAt: image.pushedAt,
      imageManifestMediaType: image.mediaType,
      artifactMediaType: image.artifactType,
      lastRecordedPullTime: image.lastPulledAt,
      lastArchivedAt: image.lastArchivedAt,
      lastActivatedAt: image.lastActivatedAt,
      imageStatus: image.storageClass === 'archive' ? 'ARCHIVED' : 'ACTIVE',
      subjectManifestDigest: image.subject,
    })),
    manifestChildren: Object.fromEntries(withChildren.map((image) => [image.digest, image.children!])),
  };
}

function readJson(file: string, variable: string): unknown {
  if (!fs.existsSync(file)) {
    console.info(`Skipped: ${file} is not there (${variable}).`);
    return undefined;
  }
  return JSON.parse(fs.readFileSync(file, 'utf8'));
}
