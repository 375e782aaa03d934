import { connect, Socket } from 'node:net';
import { Emulator, startEmulator } from '../../../src/emulator';
import { FuzzTarget, mustHold } from '../target';

const DIGEST = `sha256:${'a'.repeat(64)}`;
const api = (operation: string, input: object, headers = '') => {
  const body = JSON.stringify(input);
  return `POST / HTTP/1.1\r\nHost: localhost\r\nX-Amz-Target: AmazonEC2ContainerRegistry_V20150921.${operation}\r\nContent-Type: application/x-amz-json-1.1\r\n${headers}Content-Length: ${body.length}\r\n\r\n${body}`;
};
const v2 = (method: string, path: string, headers = '', body = '') => `${method} /v2/${path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Basic TOKEN\r\n${headers}Content-Length: ${body.length}\r\n\r\n${body}`;
/** Of half a request nobody hears again; of a whole one everybody does. */
const WAIT_MILLIS = { any: 40, whole: 10_000 };

let emulator: Emulator;
let authorization = '';

/** Bytes of a connection, whatever they are. The emulator answers in HTTP or closes it, and goes on. */
export const emulatorHttp: FuzzTarget = {
  name: 'emulator-http',
  maxBytes: 131_072,
  words: [
    'repositoryName', 'shop/api', 'imageIds', 'imageTag', 'imageDigest', 'maxResults', 'nextToken', 'lifecyclePolicyText', 'policyText', 'layerDigests', 'layerPartBlob', 'partFirstByte', 'uploadId', 'imageManifest',
    '../', '%2e%2e/', '%2f', 'Range: bytes=0-1\r\n', 'Content-Range: 0-9\r\n', 'Transfer-Encoding: chunked\r\n', 'Content-Length: 9999999999\r\n', 'Expect: 100-continue\r\n', DIGEST, 'CreateRepository',
    'PutImage', 'StartLifecyclePolicyPreview', 'GetLifecyclePolicyPreview', 'SetRepositoryPolicy', '/_drydock/clock', '/_drydock/', 'advance', '\r\n', '?n=-1&last=', 'blobs/uploads/', 'referrers/',
  ],
  seeds: () => [
    api('DescribeRepositories', { maxResults: 5 }), api('CreateRepository', { repositoryName: 'shop/web', tags: [{ Key: 'a', Value: 'b' }] }), api('DescribeImages', { repositoryName: 'shop/api', filter: { tagStatus: 'TAGGED' } }),
    api('PutImage', { repositoryName: 'shop/api', imageTag: 'a', imageManifest: JSON.stringify({ schemaVersion: 2, mediaType: 'application/vnd.oci.image.index.v1+json', manifests: [] }) }),
    api('BatchDeleteImage', { repositoryName: 'shop/api', imageIds: [{ imageTag: 'a' }] }), api('InitiateLayerUpload', { repositoryName: 'shop/api' }),
    api('UploadLayerPart', { repositoryName: 'shop/api', uploadId: 'x', partFirstByte: 0, partLastByte: 3, layerPartBlob: 'YWJjZA==' }), api('GetAuthorizationToken', {}),
    api('PutLifecyclePolicy', { repositoryName: 'shop/api', lifecyclePolicyText: '{"rules":[]}'.padEnd(120) }), api('SetRepositoryPolicy', { repositoryName: 'shop/api', policyText: '{"Statement":[]}' }),
    v2('GET', ''), v2('GET', '_catalog?n=2'), v2('GET', 'shop/api/tags/list'), v2('GET', 'shop/api/manifests/latest'), v2('HEAD', `shop/api/blobs/${DIGEST}`, 'Range: bytes=1-2\r\n'), v2('POST', 'shop/api/blobs/uploads/'),
    v2('PUT', 'shop/api/manifests/x', 'Content-Type: application/vnd.oci.image.index.v1+json\r\n', '{"schemaVersion":2,"manifests":[]}'), v2('GET', `shop/api/referrers/${DIGEST}`),
    v2('PATCH', 'shop/api/blobs/uploads/x', 'Content-Range: 0-3\r\n', 'abcd'), 'GET /_drydock/state HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n', 'POST /_drydock/clock HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 2\r\n\r\n{}',
    'GET /layers/x?y=1 HTTP/1.1\r\nHost: localhost\r\n\r\n',
  ],
  async open() {
    emulator = await startEmulator({ now: '2026-01-31T12:00:00Z', seed: { repositories: [{ repositoryName: 'shop/api' }], imageDetails: [] } });
    const answer = await exchange(api('GetAuthorizationToken', {}));
    authorization = /"authorizationToken":"([^"]+)"/.exec(answer.toString())?.[1] ?? '';
    mustHold(authorization !== '', `there is a token: ${answer.toString().slice(0, 200)}`);
  },
  close: () => emulator.stop(),
  async run(input) {
    const answer = (await exchange(input.toString('latin1').replace('Basic TOKEN', `Basic ${authorization}`), WAIT_MILLIS.any)).toString('latin1');
    mustHold(answer === '' || /^HTTP\/1\.1 [1-5]\d\d /.test(answer), `an answer is one of HTTP: ${answer.slice(0, 80)}`);
    mustHold(!/^HTTP\/1\.1 5/.test(answer) || /^HTTP\/1\.1 50[15] /.test(answer), `nothing that is asked breaks it: ${answer.slice(0, 600)}`);
    // It is still there.
    const after = await exchange(api('DescribeRepositories', {}, 'Connection: close\r\n'));
    mustHold(/^HTTP\/1\.1 200 /.test(after.toString('latin1')), `it goes on: ${after.toString('latin1').slice(0, 200)}`);
  },
};

/** Sends bytes and takes what comes until there is a whole head and a moment of silence, or the end. */
function exchange(bytes: string, wait = WAIT_MILLIS.whole): Promise<Buffer> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    const socket: Socket = connect(emulator.port, '127.0.0.1', () => socket.write(Buffer.from(bytes, 'latin1')));
    const done = () => {
      clearTimeout(timer);
      socket.destroy();
      resolve(Buffer.concat(chunks));
    };
    const timer = setTimeout(done, wait);
    socket.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      if (isWhole(Buffer.concat(chunks).toString('latin1'))) {
        done();
      }
    });
    socket.on('error', done);
    socket.on('close', done);
  });
}

function isWhole(text: string): boolean {
  const head = text.indexOf('\r\n\r\n');
  const length = /^content-length: (\d+)/im.exec(text.slice(0, head))?.[1];
  return head >= 0 && (length === undefined || text.length >= head + 4 + Number(length));
}
