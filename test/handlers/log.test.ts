import { Log, withoutSecrets } from '../../src/handlers/log';

const written = (write: (log: Log) => void) => {
  const lines: string[] = [];
  write(new Log((line) => lines.push(line)));
  return lines.map((line) => JSON.parse(line));
};

test('a line is one JSON object with level, message and named fields', () => {
  expect(written((log) => log.with({ requestId: 'r' }).warn('text', { repositoryName: 'a\nb' }))).toEqual([
    { level: 'warn', message: 'text', requestId: 'r', repositoryName: 'a\nb' },
  ]);
});

test('fields that are not on the list are dropped, wherever they come from', () => {
  expect(written((log) => log.with({ ResponseURL: 'x' } as never).info('m', { credentials: 'y', status: 'SUCCESS' } as never))).toEqual([
    { level: 'info', message: 'm', status: 'SUCCESS' },
  ]);
});

test('secrets inside of allowed fields are taken out, nested ones included', () => {
  const url = 'https://cloudformation-custom-resource-response-useast1.s3.amazonaws.com/arn%3Aaws?X-Amz-Algorithm=AWS4&X-Amz-Signature=abc';
  expect(written((log) => log.error(`failed: ${url}`, { findings: [{ code: 'c', message: `see ${url}.`, fix: 'ASIAQWERTYUIOPASDFGH', digests: [] }] }))).toEqual([
    { level: 'error', message: 'failed: [pre-signed URL]', findings: [{ code: 'c', message: 'see [pre-signed URL]', fix: '[access key]', digests: [] }] },
  ]);
});

test('ordinary texts stay as they are', () => {
  for (const text of ['shop/web@sha256:0000', 'https://docs.aws.amazon.com/AmazonECR/latest/userguide/x.html?a=b', 'Signature: no', 'AKIA']) {
    expect(withoutSecrets(text)).toBe(text);
  }
});

test('without a sink lines go to stdout as they are', () => {
  const write = jest.spyOn(process.stdout, 'write').mockReturnValue(true);
  new Log().info('hello');
  expect(write.mock.calls.map(([line]) => line)).toEqual(['{"level":"info","message":"hello"}\n']);
  write.mockRestore();
});
