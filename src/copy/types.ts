import type { Connection } from '../ecr/client';
import type { RepositoryAddress } from '../ecr/registry';
import type { RetrySettings } from '../ecr/retry';
import type { Descriptor } from '../images/manifest';
import type { Platform } from '../images/platform';

/** A manifest as it is stored: `text` is byte for byte what was served, and its digest is verified. */
export interface StoredManifest {
  readonly digest: string;
  readonly mediaType: string;
  readonly text: string;
}

/** What a source needs to know of the copy that reads it. */
export interface Reading {
  /** Every wait ends with it. */
  readonly signal: AbortSignal;
  /** Milliseconds since the copy began, by a clock that never jumps. */
  readonly elapsed: () => number;
  readonly retry: RetrySettings;
  log(level: 'info' | 'warn', message: string, fields?: Readonly<Record<string, unknown>>): void;
}

/** Where an image is read from. Every error that leaves a source carries a code; bytes of blobs are verified by whoever reads them. */
export interface ImageSource {
  /** For messages: what a person would call it. */
  readonly name: string;
  /** The image that was asked for; with a digest, any manifest of the same place. Undefined when there is none with that digest. */
  manifest(reading: Reading, digest?: string): Promise<StoredManifest | undefined>;
  /** Bytes of a blob from an offset on, to its end; each piece is good until the next one is asked for. The caller reads on from where a broken stream ended. */
  blob(reading: Reading, blob: Descriptor, offset: number): Promise<AsyncIterable<Uint8Array>>;
  /** Manifests whose subject is this digest: signatures, SBOMs, provenance. */
  referrers(reading: Reading, digest: string): Promise<readonly Descriptor[]>;
  /** Manifests that belong to this digest by the name of their tag (`sha256-<hex>.sig`), as cosign writes them. */
  taggedReferrers?(reading: Reading, digests: readonly string[]): Promise<readonly TaggedReferrer[]>;
  close(): Promise<void>;
}

export interface TaggedReferrer {
  readonly tag: string;
  readonly manifest: StoredManifest;
}

/** A repository of ECR that is copied to. */
export interface RepositoryTarget {
  readonly connection: Connection;
  readonly address: RepositoryAddress;
}

export interface CopyOptions {
  readonly source: ImageSource;
  readonly destination: RepositoryTarget;
  /** Tags that the image gets, last of all; with none it stays untagged. */
  readonly tags: readonly string[];
  /** All platforms when absent. */
  readonly platforms?: readonly Platform[];
  /** Whether signatures, SBOMs and provenance come along. */
  readonly referrers: boolean;
  /** Time is up when it aborts. */
  readonly signal: AbortSignal;
  /** Bytes of layers that are held at once. */
  readonly memoryBytes: number;
  /** Layers that move at once; 6 when absent. */
  readonly concurrency?: number;
  /** What a copy that did not finish gave back. */
  readonly resume?: CopyState;
  readonly retry?: Partial<RetrySettings>;
  readonly onProgress?: (event: CopyProgress) => void;
  readonly log?: Reading['log'];
}

export type CopyProgress =
  /** What is there, and what will move; once, before anything does. */
  | { readonly kind: 'planned'; readonly digest: string; readonly blobs: number; readonly bytes: number; readonly manifests: number; readonly presentBlobs: number; readonly presentManifests: number }
  /** Bytes of a layer that ECR has acknowledged. */
  | { readonly kind: 'bytes'; readonly digest: string; readonly bytes: number }
  | { readonly kind: 'blob'; readonly digest: string; readonly size: number }
  | { readonly kind: 'manifest'; readonly digest: string }
  | { readonly kind: 'tag'; readonly tag: string };

export interface CopySummary {
  /** What this copy put, in order; over all calls of a copy that was continued. Removing these takes the copy back. */
  readonly put: {
    readonly manifests: readonly string[];
    /** Tags of `tags` that were put or moved. */
    readonly tags: readonly string[];
    /** Tags by which signatures are found, where the source has them so. */
    readonly referrerTags: readonly string[];
    /** What moved tags pointed to before. */
    readonly replaced: Readonly<Record<string, string>>;
  };
  readonly moved: { readonly blobs: number; readonly bytes: number; readonly manifests: number };
  /** What was there already, of what this copy needs. */
  readonly present: { readonly blobs: number; readonly bytes: number; readonly manifests: number };
}

export type CopyOutcome =
  | ({
    readonly finished: true;
    /** Digest that the tags point to. With chosen platforms it may be another than the source's. */
    readonly digest: string;
    readonly mediaType: string;
    /** Bytes of all manifests and blobs of the image, each counted once; without referrers. */
    readonly sizeInBytes: number;
    /** Digest at the source. */
    readonly sourceDigest: string;
    /** Digests that came along as referrers, there before or not. */
    readonly referrers: readonly string[];
  } & CopySummary)
  | { readonly finished: false; readonly state: CopyState };

/** What the next call needs to go on; small, and nothing but JSON. Layers that are complete are found in ECR. */
export interface CopyState extends CopySummary {
  readonly formatVersion: 1;
  /** The image that was begun with: a tag that moves meanwhile does not mix two images. Absent when even that was not known. */
  readonly sourceDigest?: string;
  readonly uploads: readonly UploadState[];
}

export interface UploadState {
  readonly digest: string;
  readonly uploadId: string;
  readonly partSize: number;
  /** First byte that ECR has not acknowledged. */
  readonly nextByte: number;
}
