import { cosignTags } from './cosign';
import { sourceError } from './source-errors';
import { ImageSource, Reading, StoredManifest, TaggedReferrer } from './types';
import { sha256Hex } from '../digest';
import type { Connection } from '../ecr/client';
import { FailedImage, ImageData, StoredImage } from '../ecr/images-data';
import { Budget } from '../ecr/retry';
import { isDrydockError } from '../errors';
import { copyError } from '../images/codes';
import { isDigest } from '../images/digest';
import { Descriptor } from '../images/manifest';
import { MANIFEST_TYPES } from '../images/media-types';
import { ForbiddenAddress, Reach } from '../registry/addresses';
import { persist } from '../registry/persist';
import { discard, Response, Transport } from '../registry/transport';

export interface EcrSourceOptions {
  /** The caller's own registry when absent. */
  readonly registryId?: string;
  readonly repositoryName: string;
  /** Tag or digest. */
  readonly reference: string;
}

/** A URL is good for an hour. */
const URL_MILLIS = 50 * 60_000;

/**
 * An image in a repository of ECR, read through its API: IAM says who may, and no login is needed. Layers come from where ECR keeps them, by a URL that
 * carries its own permission.
 */
export function ecrSource(connection: Connection, { registryId, repositoryName, reference }: EcrSourceOptions): ImageSource {
  return new EcrSource(connection, { repositoryName, ...(registryId === undefined ? {} : { registryId }) }, reference);
}

class EcrSource implements ImageSource {
  public readonly name: string;
  private readonly transport = new Transport();
  private readonly urls = new Map<string, { readonly url: string; readonly until: number }>();

  constructor(private readonly connection: Connection, private readonly address: { repositoryName: string; registryId?: string }, private readonly reference: string) {
    this.name = `ecr:${address.registryId === undefined ? '' : `${address.registryId}/`}${address.repositoryName}${isDigest(reference) ? '@' : ':'}${reference}`;
  }

  public async manifest(reading: Reading, digest?: string): Promise<StoredManifest | undefined> {
    const selector = digest ?? this.reference;
    const { images, failures } = await this.guard(() => this.data(reading).getImages([isDigest(selector) ? { imageDigest: selector } : { imageTag: selector }], MANIFEST_TYPES));
    failures.forEach((failure) => this.refuse(failure));
    return images.length === 0 ? undefined : this.verified(images[0], isDigest(selector) ? selector : undefined);
  }

  public async blob(reading: Reading, blob: Descriptor, offset: number): Promise<AsyncIterable<Uint8Array>> {
    for (let attempt = 0; ; attempt += 1) {
      const response = await this.get(reading, await this.urlOf(reading, blob.digest), offset);
      if (response.status === 206 || (response.status === 200 && offset === 0)) {
        return response.body as AsyncIterable<Uint8Array>;
      }
      discard(response);
      this.urls.delete(blob.digest);
      // 403 is what an expired URL gets.
      if (attempt === 2) {
        throw copyError('DD-COPY-023', this.name, `The layer ${blob.digest} is not given out: HTTP ${response.status}.`, 'Copy again later; where it stays so, an endpoint policy may forbid s3:GetObject.', { value: response.status });
      }
    }
  }

  public async referrers(reading: Reading, digest: string): Promise<readonly Descriptor[]> {
    return (await this.guard(() => this.data(reading).referrers(digest))).map((referrer) => ({ ...referrer, foreign: false }));
  }

  public async taggedReferrers(reading: Reading, digests: readonly string[]): Promise<readonly TaggedReferrer[]> {
    const tags = digests.flatMap(cosignTags);
    const { images, failures } = await this.guard(() => this.data(reading).getImages(tags.map((imageTag) => ({ imageTag })), MANIFEST_TYPES));
    failures.forEach((failure) => this.refuse(failure));
    return images.flatMap((image) => (image.imageTag === undefined ? [] : [{ tag: image.imageTag, manifest: this.verified(image) }]));
  }

  public async close(): Promise<void> {
    this.transport.close();
  }

  private data(reading: Reading): ImageData {
    return new ImageData(this.connection, new Budget(reading.signal, reading.elapsed, reading.retry), this.address);
  }

  private async urlOf(reading: Reading, digest: string): Promise<string> {
    const known = this.urls.get(digest);
    if (known !== undefined && known.until > performance.now()) {
      return known.url;
    }
    const until = performance.now() + URL_MILLIS;
    const url = await this.guard(() => this.data(reading).downloadUrl(digest));
    this.urls.set(digest, { url, until });
    return url;
  }

  private async get(reading: Reading, url: string, offset: number): Promise<Response> {
    const { signal, retry } = reading;
    const { where, reach } = this.place(url);
    try {
      return await persist(() => this.transport.send(where, { headers: offset > 0 ? { range: `bytes=${offset}-` } : {}, signal }, reach),
        { name: this.name, retry, signal, log: (message, fields) => reading.log('info', message, fields) });
    } catch (error) {
      if (error instanceof ForbiddenAddress) {
        throw copyError('DD-COPY-025', this.name, `Layers are to be had at ${error.message}. That was not followed.`, 'ECR has no reason for this. Find out who answers in its place.', { value: error.host, cause: error });
      }
      if (isDrydockError(error) && (error.cause as { connected?: boolean } | undefined)?.connected === false) {
        throw copyError('DD-COPY-030', this.name, `ECR keeps its layers at ${where.host}, which cannot be reached: ${(error.cause as Error).message}.`,
          'In a VPC, add a gateway endpoint for S3 (its policy must allow s3:GetObject on ECR\'s layer bucket) or a NAT gateway.', { value: where.host, cause: error });
      }
      throw error;
    }
  }

  /** Where a layer is. An endpoint of S3 may be in the private network; only what answers without TLS itself, for a trial, sends to places without TLS and on this machine. */
  private place(url: string): { where: URL; reach: Reach } {
    const onTrial = this.connection.isPlainEcr;
    if (!URL.canParse(url)) {
      throw copyError('DD-COPY-026', this.name, `Layers are to be had at ${JSON.stringify(url)}, which is no URL.`);
    }
    const where = new URL(url);
    if (where.protocol !== 'https:' && !(where.protocol === 'http:' && onTrial)) {
      throw copyError('DD-COPY-025', this.name, `Layers are to be had at ${where.protocol}//${where.host}, which is not TLS. That was not followed.`, undefined, { value: where.host });
    }
    return { where, reach: onTrial ? 'machine' : 'private' };
  }

  private verified({ imageDigest, imageManifest, imageManifestMediaType }: StoredImage, asked?: string): StoredManifest {
    const digest = `sha256:${sha256Hex(imageManifest)}`;
    if (digest !== imageDigest || (asked !== undefined && digest !== asked)) {
      throw copyError('DD-COPY-024', this.name, `The manifest came as ${asked ?? imageDigest}, and its bytes have the digest ${digest}.`, 'Nothing was tagged.', { value: digest });
    }
    return { digest, mediaType: imageManifestMediaType ?? '', text: imageManifest };
  }

  /** What is not there is no failure; everything else is. */
  private refuse({ failureCode, failureReason }: FailedImage): void {
    switch (failureCode) {
      case 'ImageNotFound':
        return;
      case 'ImageInaccessible':
        throw copyError('DD-COPY-031', this.name, `The image cannot be read: ${failureReason}`, 'It is archived: restore it, which takes up to 20 minutes, and copy again.', { awsMessage: failureReason });
      case 'UpstreamTooManyRequests':
        throw copyError('DD-COPY-022', this.name, `The registry behind the pull-through cache is asked too often: ${failureReason}`, 'Give the pull-through cache rule credentials, or try again later.', { awsMessage: failureReason });
      case 'UpstreamUnavailable':
        throw copyError('DD-COPY-023', this.name, `The registry behind the pull-through cache does not answer: ${failureReason}`, 'Try again later.', { awsMessage: failureReason });
      default:
        throw copyError('DD-COPY-021', this.name, `The image is not given out (${failureCode}): ${failureReason}`, undefined, { value: failureCode, awsMessage: failureReason });
    }
  }

  private async guard<T>(call: () => Promise<T>): Promise<T> {
    try {
      return await call();
    } catch (error) {
      throw sourceError(error, this.name);
    }
  }
}
