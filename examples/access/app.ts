/**
 * A change that looks harmless in a diff of templates: `deployed` is what runs, `proposed` is the pull request.
 *
 * It lets a new account pull, takes a role's access away, loosens a condition, gives a repository another name (which makes a new, empty one), removes a
 * repository that still holds images, and tightens the retention.
 */
import { App, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import * as iam from 'aws-cdk-lib/aws-iam';
import { PreviewGate, Repository, RepositoryPolicy } from 'cdk-drydock';

const ORGANIZATION = 'o-shop12345';
const PULL = ['ecr:BatchCheckLayerAvailability', 'ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'];
const PUSH = ['ecr:CompleteLayerUpload', 'ecr:InitiateLayerUpload', 'ecr:PutImage', 'ecr:UploadLayerPart'];

const allow = (sid: string, principal: iam.IPrincipal, actions: string[], conditions?: Record<string, object>) =>
  new iam.PolicyStatement({ sid, principals: [principal], actions, conditions });

export function access(chosen?: string, outdir?: string): App {
  const app = new App({ outdir });
  const proposed = (chosen ?? app.node.tryGetContext('variant') ?? 'proposed') !== 'deployed';
  const stack = new Stack(app, 'Shop', { env: { account: '123456789012', region: 'us-east-1' } });

  const api = new ecr.Repository(stack, 'Api', {
    repositoryName: 'shop/api',
    imageScanOnPush: proposed,
    imageTagMutability: proposed ? ecr.TagMutability.IMMUTABLE : ecr.TagMutability.MUTABLE,
    lifecycleRules: [{ description: 'leftovers of builds', tagPatternList: ['build-*'], maxImageAge: Duration.days(proposed ? 90 : 365) }],
  });
  const network = proposed ? {} : { 'aws:SourceVpce': 'vpce-0a1b2c3d4e5f60718' };
  api.addToResourcePolicy(allow('Organization', new iam.AnyPrincipal(), PULL, { StringEquals: { 'aws:PrincipalOrgID': ORGANIZATION, ...network } }));
  api.addToResourcePolicy(allow('Partner', new iam.AccountPrincipal('210987654321'), PULL));
  api.addToResourcePolicy(proposed
    ? allow('Agency', new iam.AccountPrincipal('333344445555'), PULL)
    : allow('OldBuilds', new iam.ArnPrincipal('arn:aws:iam::222233334444:role/old-ci'), [...PULL, ...PUSH]));

  new ecr.Repository(stack, 'Worker', { repositoryName: proposed ? 'shop/jobs' : 'shop/worker' });

  if (!proposed) {
    new Repository(stack, 'Reports', { repositoryName: 'shop/reports', removalPolicy: RemovalPolicy.DESTROY, emptyOnDelete: true });
  }

  // Belongs to another team: only these statements are this stack's.
  new RepositoryPolicy(stack, 'BaseAccess', {
    repository: Repository.fromRepositoryName(stack, 'Base', 'platform/base'),
    statements: [
      allow('ShopLambda', new iam.ServicePrincipal('lambda.amazonaws.com'), PULL, { StringEquals: { 'aws:SourceAccount': '123456789012' } }),
      ...proposed ? [allow('ShopAgency', new iam.AccountPrincipal('333344445555'), PULL)] : [],
    ],
  });

  PreviewGate.protect(app);
  return app;
}

if (require.main === module) {
  const [variant, outdir] = process.argv.slice(2);
  access(variant, outdir).synth();
}
