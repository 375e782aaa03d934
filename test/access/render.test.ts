import * as fc from 'fast-check';
import { hostile, hostileStatement, policy as policies } from './arbitraries';
import { samePolicy } from '../../src/access/compare';
import { AccessPolicy, Statement } from '../../src/access/model';
import { parsePolicy, toPolicy } from '../../src/access/parse';
import { normalisedText } from '../../src/access/render';
import { isDrydockError } from '../../src/errors';

describe('a policy text', () => {
  test('looks as in the answers of ECR: elements in order, lists on one line, an account as its root', () => {
    const text = normalisedText({
      Statement: [{
        Action: ['ecr:GetDownloadUrlForLayer', 'ecr:BatchGetImage'], Principal: { AWS: ['012345678910', 'arn:aws:iam::012345678910:role/ci'] }, Effect: 'Allow', Sid: 'Pull',
        Condition: { Bool: { 'aws:SecureTransport': true } },
      }, { Effect: 'Deny', NotPrincipal: '*', NotAction: 'ecr:*' }],
      Id: 'mine',
    });
    expect(text.split('\n')).toEqual([
      '{',
      '  "Version" : "2008-10-17",',
      '  "Id" : "mine",',
      '  "Statement" : [ {',
      '    "Sid" : "Pull",',
      '    "Effect" : "Allow",',
      '    "Principal" : {',
      '      "AWS" : [ "arn:aws:iam::012345678910:root", "arn:aws:iam::012345678910:role/ci" ]',
      '    },',
      '    "Action" : [ "ecr:GetDownloadUrlForLayer", "ecr:BatchGetImage" ],',
      '    "Condition" : {',
      '      "Bool" : {',
      '        "aws:SecureTransport" : true',
      '      }',
      '    }',
      '  }, {',
      '    "Effect" : "Deny",',
      '    "NotPrincipal" : "*",',
      '    "NotAction" : "ecr:*"',
      '  } ]',
      '}',
    ]);
  });

  test('has root ARNs of the partition that is given, else of the one that its ARNs are of', () => {
    const statement = (...AWS: string[]): Statement => ({ Effect: 'Allow', Principal: { AWS }, Action: '*' });
    expect(normalisedText({ Statement: [statement('012345678910')] }, 'aws-cn')).toContain('"arn:aws-cn:iam::012345678910:root"');
    expect(normalisedText({ Statement: [statement('012345678910'), statement('arn:aws-us-gov:iam::012345678910:user/a')] }))
      .toContain('"arn:aws-us-gov:iam::012345678910:root"');
  });

  test('leaves out what is undefined', () => {
    const statement: Statement = { Sid: undefined, Effect: 'Deny', Principal: { AWS: undefined, Service: 'x.amazonaws.com' }, Action: [] };
    expect(normalisedText({ Id: undefined, Statement: [statement] })).not.toMatch(/undefined|Sid|AWS|Id/);
    expect(parsePolicy(normalisedText({ Statement: [statement] })).Statement[0].Action).toEqual([]);
  });
});

describe('a text that is no policy', () => {
  const deep = (depth: number) => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;

  test.each([
    ['no JSON', '{"Statement": [', ''],
    ['no text', '', ''],
    ['a list', '[]', ''],
    ['null', 'null', ''],
    ['no statements', '{"Version": "2012-10-17"}', '/Statement'],
    ['null for statements', '{"Statement": null}', '/Statement/0'],
    ['text in place of a statement', '{"Statement": [{}, "Allow"]}', '/Statement/1'],
    ['a list in place of a statement', '{"Statement": [[]]}', '/Statement/0'],
    ['a version that is no text', '{"Version": 2012, "Statement": []}', '/Version'],
    ['an Id that is no text', '{"Id": null, "Statement": []}', '/Id'],
    ['a statement without a bottom', `{"Statement": [${deep(4000)}]}`, ''],
    ['an element without a bottom', `{"Statement": [], "x": ${deep(100_000)}}`, ''],
  ])('%s is refused', (_, text, pointer) => {
    try {
      parsePolicy(text);
    } catch (error) {
      expect(isDrydockError(error) && error.problems).toMatchObject([{ code: 'DD-ACCESS-001', pointer }]);
      return;
    }
    throw new Error('It was taken.');
  });

  test('one statement that is not in a list is read as a list of it', () => {
    expect(parsePolicy('{"Statement": {"Sid": "A"}}').Statement).toEqual([{ Sid: 'A' }]);
  });

  test('what stands in the statements is kept, names of the language included', () => {
    const text = '{"Statement":[{"__proto__":{"a":1},"constructor":"x","Sid":"A"}],"Comment":"x"}';
    expect(JSON.stringify(parsePolicy(text))).toBe(text);
  });
});

test('law: rendering what was rendered changes nothing, and says the same', () => {
  fc.assert(fc.property(policies, fc.constantFrom(undefined, 'aws', 'aws-cn'), (policy, partition) => {
    const text = normalisedText(policy, partition);
    const read = parsePolicy(text);
    expect(normalisedText(read, partition)).toBe(text);
    expect(samePolicy(read, policy)).toBe(true);
  }), { numRuns: 300 });
});

test('law: rendering odd statements gives JSON that renders to itself', () => {
  fc.assert(fc.property(fc.array(hostileStatement, { maxLength: 3 }), (statements) => {
    const text = normalisedText({ Statement: statements }, 'aws');
    expect(normalisedText(parsePolicy(text), 'aws')).toBe(text);
  }), { numRuns: 500 });
});

test('law: any JSON is a policy or DD-ACCESS-001', () => {
  let read = 0;
  fc.assert(fc.property(fc.oneof(hostile, fc.record({ Statement: hostile }), fc.record({ Statement: fc.array(hostileStatement) })), (json) => {
    const text = JSON.stringify(json);
    let policy: AccessPolicy;
    try {
      policy = parsePolicy(text);
    } catch (error) {
      expect(isDrydockError(error) && error.code).toBe('DD-ACCESS-001');
      return;
    }
    read += 1;
    expect(samePolicy(policy, toPolicy(JSON.parse(text)))).toBe(true);
  }), { numRuns: 500 });
  expect(read).toBeGreaterThan(50);
});
