import { cosignTags } from './cosign';
import { parallel } from '../lists';
import { ImageSource, Reading, StoredManifest, TaggedReferrer } from './types';
import { Descriptor } from '../images/manifest';
import { RegistryClient } from '../registry/client';
import { RegistryCredentials } from '../registry/options';

export interface RegistrySourceOptions {
  /** The registry: `docker.io`, `ghcr.io`, `localhost:5000`. */
  readonly host: string;
  readonly repository: string;
  /** Tag or digest. */
  readonly reference: string;
  readonly credentials?: RegistryCredentials;
  readonly plainHttp?: boolean;
  readonly trustedHosts?: readonly string[];
  readonly ca?: string;
  readonly userAgent?: string;
  readonly connectTimeoutMillis?: number;
  readonly idleTimeoutMillis?: number;
}

const CONCURRENCY = 6;

/** An image in a registry that speaks the OCI distribution protocol. */
export function registrySource({ host, repository, reference, ...options }: RegistrySourceOptions): ImageSource {
  let client: RegistryClient | undefined;
  const of = (reading: Reading): RegistryClient => {
    client ??= new RegistryClient({ registry: host, repository, retry: reading.retry, log: (message, fields) => reading.log('info', message, fields), ...options });
    return client;
  };
  return {
    name: `${host}/${repository}${reference.includes(':') ? '@' : ':'}${reference}`,
    manifest: (reading, digest) => manifestOf(of(reading), digest ?? reference, reading),
    blob: (reading, blob, offset) => of(reading).blob(blob.digest, offset, reading.signal),
    referrers: (reading, digest): Promise<readonly Descriptor[]> => of(reading).referrers(digest, reading.signal),
    taggedReferrers: async (reading, digests) => {
      const found = await parallel(digests.flatMap(cosignTags), CONCURRENCY, async (tag): Promise<TaggedReferrer[]> => {
        const manifest = await of(reading).hasManifest(tag, reading.signal) ? await manifestOf(of(reading), tag, reading) : undefined;
        return manifest === undefined ? [] : [{ tag, manifest }];
      });
      return found.flat();
    },
    close: async () => client?.close(),
  };
}

async function manifestOf(client: RegistryClient, reference: string, reading: Reading): Promise<StoredManifest | undefined> {
  const manifest = await client.manifest(reference, reading.signal);
  return manifest && { digest: manifest.digest, mediaType: manifest.mediaType ?? '', text: manifest.text };
}
