import { aws_ecr as ecr, aws_iam as iam, CfnParameter, Stack } from 'aws-cdk-lib';
import { codesIn, findingsIn, only, registryOf, removeApps, reviewed } from './change-support';
import { Repository, RepositoryPolicy } from '../../src';

afterAll(removeApps);

const API = { repositoryName: 'shop/api' };
const [PARTNER, AGENCY] = ['210987654321', '333344445555'];
const PULL = ['ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'];

const pull = (principal: iam.IPrincipal, more: iam.PolicyStatementProps = {}) => new iam.PolicyStatement({ principals: [principal], actions: PULL, ...more });
const account = (id: string, more?: iam.PolicyStatementProps) => pull(new iam.AccountPrincipal(id), more);
const stored = (...statements: object[]) => JSON.stringify({ Version: '2012-10-17', Statement: statements });
const storedPull = (id: string, Sid?: string) => ({ ...(Sid === undefined ? {} : { Sid }), Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${id}:root` }, Action: PULL });

/** A native repository whose policy is in its template. */
const native = (...statements: iam.PolicyStatement[]) => (stack: Stack) => {
  const repository = new ecr.Repository(stack, 'Api', API);
  statements.forEach((statement) => repository.addToResourcePolicy(statement));
};
/** Statements of ours on a repository that is not in the app. */
const beside = (...statements: iam.PolicyStatement[]) => (stack: Stack) => void new RepositoryPolicy(stack, 'Access', {
  repository: Repository.fromRepositoryName(stack, 'R', 'shop/api'), statements,
});
const having = (repositoryPolicyText?: string) => registryOf([{ ...API, images: 1, ...(repositoryPolicyText === undefined ? {} : { repositoryPolicyText }) }]);
const texts = async (...parameters: Parameters<typeof reviewed>) => only(await reviewed(...parameters), 'shop/api').access?.changes.map(({ text }) => text) ?? [];

describe('a native policy', () => {
  test('gives and takes by what changes in it', async () => {
    const review = { before: native(account(PARTNER, { sid: 'A' })), after: native(account(AGENCY, { sid: 'A' })), registry: having(stored(storedPull(PARTNER, 'A'))) };
    expect(await texts(review)).toEqual([`Account ${PARTNER} may no longer pull images.`, `Account ${AGENCY} may pull images.`]);
    expect(codesIn(await reviewed(review))).toEqual(['DD-REVIEW-221 warning', 'DD-REVIEW-223 warning']);
  });

  test('that stays changes nothing, whatever the registry has', async () => {
    const result = await reviewed({ before: native(account(PARTNER)), after: native(account(PARTNER)), registry: having(stored(storedPull(AGENCY, 'Foreign'))) });
    expect(only(result, 'shop/api').access).toBeUndefined();
    expect(codesIn(result)).toEqual([]);
  });

  test('removes what others have put there, and that blocks', async () => {
    const result = await reviewed({
      before: native(account(PARTNER, { sid: 'A' })), after: native(account(PARTNER, { sid: 'A' }), account(AGENCY, { sid: 'B' })),
      registry: having(stored(storedPull(PARTNER, 'A'), storedPull('444455556666', 'Lambda'), storedPull('555566667777'))),
    });
    expect(codesIn(result)).toContain('DD-REVIEW-225 block');
    expect(findingsIn(result).find(({ code }) => code === 'DD-REVIEW-225')!.message).toContain('"Lambda", one without Sid');
    expect(only(result, 'shop/api').access!.changes.filter(({ change }) => change === 'loses').map(({ who }) => who)).toEqual(['account 444455556666', 'account 555566667777']);
  });

  test('that the template does not hold is deleted with any other change', async () => {
    const result = await reviewed({
      before: native(), after: (stack) => void new ecr.Repository(stack, 'Api', { ...API, imageScanOnPush: true }), registry: having(stored(storedPull(PARTNER, 'ByHand'))),
    });
    expect(codesIn(result)).toEqual(['DD-REVIEW-223 warning', 'DD-REVIEW-225 block']);
    expect(only(result, 'shop/api').access!.changes).toEqual([expect.objectContaining({ change: 'loses', who: `account ${PARTNER}`, after: ['not allowed'] })]);
  });

  test('of a new repository begins with nothing', async () => {
    expect(await texts({ after: native(account(PARTNER)), registry: registryOf([]) })).toEqual([`Account ${PARTNER} may pull images.`]);
  });
});

describe('statements of ours', () => {
  test('are merged: those of others stay', async () => {
    const review = {
      before: beside(account(PARTNER, { sid: 'Ours' })), after: beside(account(AGENCY, { sid: 'Ours' })),
      registry: having(stored(storedPull('444455556666', 'Theirs'), storedPull(PARTNER, 'Ours'))),
    };
    expect(await texts(review)).toEqual([`Account ${PARTNER} may no longer pull images.`, `Account ${AGENCY} may pull images.`]);
    expect(codesIn(await reviewed(review))).not.toContain('DD-REVIEW-225 block');
  });

  test('that give what somebody has already change nothing', async () => {
    const result = await reviewed({ after: beside(account(PARTNER, { sid: 'Ours' })), registry: having(stored(storedPull(PARTNER, 'Theirs'))) });
    expect(only(result, 'shop/api').access).toBeUndefined();
  });

  test('that go take away what nobody else gives', async () => {
    const review = {
      before: beside(account(PARTNER, { sid: 'One' }), account(AGENCY, { sid: 'Two' })), after: beside(account(AGENCY, { sid: 'Two' })),
      registry: having(stored(storedPull(PARTNER, 'One'), storedPull(AGENCY, 'Two'))),
    };
    expect(await texts(review)).toEqual([`Account ${PARTNER} may no longer pull images.`]);
  });

  test('whose Sid is somebody else\'s fail, and change nothing', async () => {
    const result = await reviewed({ after: beside(account(PARTNER, { sid: 'Taken' })), registry: having(stored(storedPull(AGENCY, 'Taken'))) });
    expect(codesIn(result)).toEqual(['DD-REVIEW-224 block']);
    expect(findingsIn(result)[0].message).toContain('DD-ACCESS-015');
    expect(only(result, 'shop/api').access).toBeUndefined();
  });

  test('are compared with what the templates had put where the registry is not known', async () => {
    expect(await texts({ before: beside(account(PARTNER, { sid: 'Ours' })), after: beside(account(AGENCY, { sid: 'Ours' })) }))
      .toEqual([`Account ${PARTNER} may no longer pull images.`, `Account ${AGENCY} may pull images.`]);
  });

  test('on a repository that the same app makes are told with it', async () => {
    const result = await reviewed({
      after: (stack) => void new RepositoryPolicy(stack, 'Access', { repository: new Repository(stack, 'Api', API), statements: [account(PARTNER)] }), registry: registryOf([]),
    });
    expect(result.repositories.map(({ title, change, access }) => [title, change, access?.changes.length])).toEqual([['shop/api', 'create', 1]]);
  });

  test('follow a repository that gets another name: there they are new', async () => {
    const build = (repositoryName: string) => (stack: Stack) => void new RepositoryPolicy(stack, 'Access', { repository: new Repository(stack, 'Api', { repositoryName }), statements: [account(PARTNER)] });
    const result = await reviewed({ before: build('shop/api'), after: build('shop/jobs'), registry: having(stored(storedPull(PARTNER, 'X'))) });
    expect(only(result, 'shop/jobs').access!.changes.map(({ text }) => text)).toEqual([`Account ${PARTNER} may pull images.`]);
    expect(only(result, 'shop/api').access).toBeUndefined();
  });
});

describe('what is given is rated', () => {
  test.each<[string, iam.PolicyStatement, string[]]>([
    ['everybody blocks', pull(new iam.AnyPrincipal()), ['DD-ACCESS-101 warning', 'DD-REVIEW-220 block']],
    ['everybody under a condition warns', pull(new iam.AnyPrincipal(), { conditions: { StringEquals: { 'aws:PrincipalOrgID': 'o-1' } } }), ['DD-REVIEW-221 warning']],
    ['another account warns', account(PARTNER), ['DD-REVIEW-221 warning']],
    ['the own account does not', account('123456789012'), []],
    ['a service without source warns', pull(new iam.ServicePrincipal('lambda.amazonaws.com')), ['DD-ACCESS-102 warning', 'DD-REVIEW-222 warning']],
    ['a service with its source does not', pull(new iam.ServicePrincipal('lambda.amazonaws.com'), { conditions: { StringEquals: { 'aws:SourceAccount': '123456789012' } } }), []],
    ['a Deny does not', account(PARTNER, { effect: iam.Effect.DENY }), []],
  ])('%s', async (_, statement, codes) => {
    expect(codesIn(await reviewed({ before: native(), after: native(statement), registry: having() }))).toEqual(codes);
  });
});

describe('what only the deployment knows', () => {
  test('a role of the stack itself is named by its construct, and decides nothing', async () => {
    const result = await reviewed({
      before: native(), registry: having(),
      after: (stack) => void new ecr.Repository(stack, 'Api', API).addToResourcePolicy(pull(new iam.Role(stack, 'Ci', { assumedBy: new iam.AccountRootPrincipal() }))),
    });
    expect(only(result, 'shop/api').access).toMatchObject({ complete: false, changes: [{ text: 'AWS::IAM::Role Shop/Ci (made by this stack) may pull images.' }] });
    expect(codesIn(result)).toEqual([]);
  });

  test('a parameter without value leaves the outcome open; with a value it is told', async () => {
    const after = (stack: Stack) => void new ecr.Repository(stack, 'Api', API).addToResourcePolicy(account(new CfnParameter(stack, 'Partner').valueAsString));
    const open = await reviewed({ before: native(), after, registry: having() });
    expect(codesIn(open)).toEqual(['DD-REVIEW-227 undetermined']);
    expect(only(open, 'shop/api').access!.complete).toBe(false);
    const told = await reviewed({ before: native(), after, registry: having(), desired: { parameters: { Partner: PARTNER } } });
    expect(only(told, 'shop/api').access).toMatchObject({ complete: true, changes: [{ who: `account ${PARTNER}` }] });
  });

  test('a policy in force that nobody may read leaves it open', async () => {
    const registry = having();
    const denied = {
      names: () => registry.names(),
      repository: async (name: string) => ({ ...(await registry.repository(name))!, problems: [{ code: 'DD-SURVEY-101', pointer: 'shop/api/repositoryPolicyText', message: 'denied' }] }),
    };
    expect(codesIn(await reviewed({ after: beside(account(PARTNER)), registry: denied }))).toEqual(['DD-REVIEW-221 warning', 'DD-REVIEW-228 undetermined']);
  });

  test('a policy in force that cannot be read leaves it open', async () => {
    expect(codesIn(await reviewed({ after: beside(account(PARTNER)), registry: having('{') }))).toContain('DD-REVIEW-228 undetermined');
  });
});
