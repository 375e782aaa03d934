import { ListImageReferrersCommand } from '@aws-sdk/client-ecr';
import { content, createRepository, digestOf, http, login, noise, pushContent, pushV2, putManifest, uploadLayer } from './layers-support';
import { descriptor, multiArch, referrer } from './oci-layout';
import { ecr, fakeDigest, indexManifest, OCI_IMAGE, OCI_INDEX } from './support';
import { EmulatorOptions } from '../../src/emulator';

async function bench(options: EmulatorOptions = {}) {
  const both = await ecr({ allowMissingLayers: false, ...options });
  if (!both.emulator.state.repository('app')) {
    await createRepository(both.client);
  }
  const headers = await login(both.client);
  const send = (path: string, method = 'GET', more: Record<string, string> = {}, body?: Buffer | string) =>
    http(`${both.emulator.endpoint}${path}`, { method, headers: { ...headers, ...more }, body });
  return { ...both, headers, send };
}

const errorIn = ({ status, body }: { status: number; body: Buffer }) => {
  const { errors } = JSON.parse(body.toString()) as { errors: { code: string; message: string }[] };
  return [status, errors[0].code, errors[0].message] as const;
};

describe('blobs', () => {
  test('are served under a signed address, in ranges too', async () => {
    const { client, send } = await bench();
    const layer = noise('layer', 1000);
    await uploadLayer(client, layer);
    const { status, headers } = await send(`/v2/app/blobs/${digestOf(layer)}`);
    expect(status).toBe(307);
    expect(digestOf((await http(String(headers.location))).body)).toBe(digestOf(layer));
    const part = await http(String(headers.location), { headers: { range: 'bytes=10-19' } });
    expect([part.status, part.body.equals(layer.subarray(10, 20))]).toEqual([206, true]);
  });

  test('that are not there, malformed digests and deletions are refused', async () => {
    const { client, send } = await bench();
    expect(errorIn(await send(`/v2/app/blobs/${fakeDigest(1)}`))[1]).toBe('BLOB_UNKNOWN');
    expect((await send(`/v2/app/blobs/${fakeDigest(1)}`, 'HEAD')).status).toBe(404);
    expect(errorIn(await send('/v2/app/blobs/latest'))[1]).toBe('DIGEST_INVALID');
    expect(errorIn(await send('/v2/absent/blobs/' + fakeDigest(1)))[1]).toBe('NAME_UNKNOWN');
    const layer = await uploadLayer(client, noise('a', 10));
    expect(errorIn(await send(`/v2/app/blobs/${layer}`, 'DELETE')).slice(0, 2)).toEqual([405, 'UNSUPPORTED']);
  });
});

describe('tags', () => {
  test('are listed in order, in pages', async () => {
    const { client, emulator, headers, send } = await bench();
    const image = content('a');
    await pushContent(client, image, 'b');
    for (const tag of ['a', 'C', 'd', '1.0']) {
      await putManifest(emulator.endpoint, headers, image.manifest, tag);
    }
    const list = async (query = '') => {
      const { body, headers: { link } } = await send(`/v2/app/tags/list${query}`);
      return [JSON.parse(body.toString()), link];
    };
    expect(await list()).toEqual([{ name: 'app', tags: ['1.0', 'C', 'a', 'b', 'd'] }, undefined]);
    expect(await list('?n=2')).toEqual([{ name: 'app', tags: ['1.0', 'C'] }, '</v2/app/tags/list?n=2&last=C>; rel="next"']);
    expect(await list('?n=2&last=C')).toEqual([{ name: 'app', tags: ['a', 'b'] }, '</v2/app/tags/list?n=2&last=b>; rel="next"']);
    expect(await list('?n=2&last=b')).toEqual([{ name: 'app', tags: ['d'] }, undefined]);
    expect(await list('?last=zzz')).toEqual([{ name: 'app', tags: [] }, undefined]);
    expect(await list('?n=0')).toEqual([{ name: 'app', tags: [] }, undefined]);
    expect(errorIn(await send('/v2/app/tags/list?n=-1'))[1]).toBe('PAGINATION_NUMBER_INVALID');
    expect(errorIn(await send('/v2/absent/tags/list'))[1]).toBe('NAME_UNKNOWN');
  });

  test('so are repositories', async () => {
    const { client, send } = await bench();
    await createRepository(client, 'team/web');
    expect(JSON.parse((await send('/v2/_catalog')).body.toString())).toEqual({ repositories: ['app', 'team/web'] });
    expect((await send('/v2/_catalog?n=1')).headers.link).toBe('</v2/_catalog?n=1&last=app>; rel="next"');
  });
});

describe('referrers', () => {
  test('are listed by subject and type, through either door', async () => {
    const { client, emulator, headers, send } = await bench();
    const image = content('a');
    await pushV2(emulator.endpoint, headers, image, 'v1');
    const subject = descriptor(image.manifest, OCI_IMAGE);
    const [signature, sbom] = [referrer('signature', subject, 'application/vnd.example.signature'), referrer('sbom', subject, 'application/spdx+json')];
    for (const artifact of [signature, sbom]) {
      expect(await pushV2(emulator.endpoint, headers, artifact)).toMatchObject({ status: 201, headers: { 'oci-subject': image.digest } });
    }
    const all = await send(`/v2/app/referrers/${image.digest}`);
    expect([all.status, all.headers['content-type'], all.headers['oci-filters-applied']]).toEqual([200, OCI_INDEX, undefined]);
    const described = (artifact: typeof sbom, artifactType: string, name: string) => ({
      mediaType: OCI_IMAGE, digest: artifact.digest, size: artifact.manifest.length, artifactType, annotations: { 'org.example.name': name },
    });
    const listed = JSON.parse(all.body.toString());
    expect(listed).toMatchObject({ schemaVersion: 2, mediaType: OCI_INDEX });
    expect(listed.manifests).toHaveLength(2);
    expect(listed.manifests).toEqual(expect.arrayContaining([
      described(signature, 'application/vnd.example.signature', 'signature'), described(sbom, 'application/spdx+json', 'sbom'),
    ]));
    const filtered = await send(`/v2/app/referrers/${image.digest}?artifactType=application%2Fspdx%2Bjson`);
    expect(filtered.headers['oci-filters-applied']).toBe('artifactType');
    expect(JSON.parse(filtered.body.toString()).manifests).toEqual([described(sbom, 'application/spdx+json', 'sbom')]);

    const { referrers } = await client.send(new ListImageReferrersCommand({ repositoryName: 'app', subjectId: { imageDigest: image.digest } }));
    expect(referrers!.map(({ digest, size }) => [digest, size]).sort()).toEqual([signature, sbom].map(({ digest, manifest }) => [digest, manifest.length]).sort());
  });

  test('of an unknown subject are none, of a malformed digest an error', async () => {
    const { send } = await bench();
    expect(JSON.parse((await send(`/v2/app/referrers/${fakeDigest(1)}`)).body.toString()).manifests).toEqual([]);
    expect(errorIn(await send('/v2/app/referrers/v1'))[1]).toBe('DIGEST_INVALID');
    expect(errorIn(await send(`/v2/absent/referrers/${fakeDigest(1)}`))[1]).toBe('NAME_UNKNOWN');
  });

  test('may come before their subject, and an index may be one', async () => {
    const { emulator, headers, send } = await bench();
    const image = multiArch('late');
    const subject = descriptor(image.index, OCI_INDEX);
    const artifact = referrer('early', subject, 'application/vnd.example');
    await pushV2(emulator.endpoint, headers, artifact);
    const index = indexManifest([artifact.digest], { artifactType: 'application/vnd.example.index', subject });
    expect(await putManifest(emulator.endpoint, headers, index, digestOf(index))).toMatchObject({ status: 201, headers: { 'oci-subject': image.digest } });
    const { manifests } = JSON.parse((await send(`/v2/app/referrers/${image.digest}`)).body.toString()) as { manifests: { artifactType: string; mediaType: string }[] };
    expect(manifests.map(({ artifactType, mediaType }) => [artifactType, mediaType]).sort()).toEqual([
      ['application/vnd.example', OCI_IMAGE], ['application/vnd.example.index', OCI_INDEX],
    ]);
  });
});
