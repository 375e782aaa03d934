import { dockerArchiveSource, ecrSource, ImageSource, layoutSource, registrySource } from '../../copy';
import { connect } from '../../ecr/client';
import { S3Object } from '../../ecr/objects';
import { SecretStore } from '../../ecr/secrets';
import { ImageSourceProperty } from '../../image-resources';
import { parseReference, selectorOf } from '../../images/reference';
import { Run } from '../run';
import { copyFailure } from './copy-failure';
import { loginIn } from './registry-secret';

/** The image that the properties name, ready to be read. What opens it closes it. */
export async function openSource(run: Run, source: ImageSourceProperty): Promise<ImageSource> {
  switch (source.Type) {
    case 'ecr': return fromEcr(run, source);
    case 'registry': return fromRegistry(run, source);
    case 'oci-layout': return layoutSource(objectOf(run, source), referenceOf(source));
    case 'docker-archive': return dockerArchiveSource(objectOf(run, source), referenceOf(source));
  }
}

const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/;

/** Where a registry is. A rehearsal, which never leaves its machine, says where it has which (`{"docker.io": "127.0.0.1:5000"}`); nobody else sets the variable. */
function placeOf(registry: string): string {
  const { DRYDOCK_REHEARSED_REGISTRIES: rehearsed } = process.env;
  if (rehearsed === undefined || LOOPBACK.test(registry)) {
    return registry;
  }
  const place = (JSON.parse(rehearsed) as Record<string, string | undefined>)[registry];
  if (place === undefined) {
    throw copyFailure('DD-IMAGE-506', 'Source/Reference', `A rehearsal does not reach ${registry}.`, {
      value: registry, fix: `Run a registry on this machine, and name it: --registry ${registry}=127.0.0.1:5000.`,
    });
  }
  return place;
}

function fromEcr(run: Run, { RepositoryName, RegistryId, Region, ImageTag, ImageDigest }: ImageSourceProperty & { Type: 'ecr' }): ImageSource {
  const elsewhere = Region === undefined || Region === '' || Region === run.home.region ? undefined : connect({ ...run.connection.options, region: Region });
  const source = ecrSource(elsewhere ?? run.connection, {
    repositoryName: RepositoryName, reference: (ImageDigest ?? ImageTag) as string, ...(RegistryId === undefined || RegistryId === '' ? {} : { registryId: RegistryId }),
  });
  return elsewhere === undefined ? source : closing(source, () => elsewhere.close());
}

async function fromRegistry(run: Run, { Reference, CredentialsSecretArn, TrustedHosts }: ImageSourceProperty & { Type: 'registry' }): Promise<ImageSource> {
  const named = parseReference(Reference);
  const reference = { ...named, registry: placeOf(named.registry) };
  const credentials = CredentialsSecretArn === undefined || CredentialsSecretArn === '' ? undefined
    : loginIn(await secretText(run, CredentialsSecretArn), named.registry, CredentialsSecretArn);
  return registrySource({
    host: reference.registry, repository: reference.repository, reference: selectorOf(reference),
    ...(credentials === undefined ? {} : { credentials }),
    ...(TrustedHosts === undefined ? {} : { trustedHosts: TrustedHosts }),
    // On the machine itself there is nobody in between; a function of Lambda has nothing there.
    plainHttp: LOOPBACK.test(reference.registry),
  });
}

async function secretText(run: Run, secretArn: string): Promise<string> {
  const store = new SecretStore(run.connection, run.budget);
  try {
    const text = await store.value(secretArn);
    if (text === undefined || text === '') {
      throw copyFailure('DD-IMAGE-505', 'Source/CredentialsSecretArn', `The secret ${secretArn} has no text.`, { value: secretArn, fix: 'Store the login as text, not as bytes.' });
    }
    return text;
  } finally {
    store.close();
  }
}

function objectOf(run: Run, { Bucket, Key }: { readonly Bucket: string; readonly Key: string }): S3Object {
  return new S3Object(run.connection, run.budget, { bucket: Bucket, key: Key });
}

function referenceOf({ Image }: { readonly Image?: string }): { reference?: string } {
  return Image === undefined || Image === '' ? {} : { reference: Image };
}

function closing(source: ImageSource, close: () => void): ImageSource {
  return Object.assign(Object.create(source) as ImageSource, {
    async close() {
      await source.close();
      close();
    },
  });
}
