/**
 * What a stack with three repositories with rules costs in the template: ours, the L2's (which previews nothing), and the same
 * resources on CDK's provider framework.
 */
import { App, aws_ecr as ecr, aws_iam as iam, aws_lambda as lambda, CustomResource, custom_resources as cr, Stack } from 'aws-cdk-lib';
import { LifecyclePolicy, PreviewGate, Repository } from 'cdk-drydock';

const env = { account: '123456789012', region: 'us-east-1' };
const NAMES = ['api', 'worker', 'web'];

function measure(name: string, build: (stack: Stack) => void): { name: string; resources: number; bytes: number } {
  const app = new App();
  const stack = new Stack(app, 'Shop', { env });
  build(stack);
  const { template } = app.synth().getStackByName('Shop');
  return { name, resources: Object.keys(template.Resources).length, bytes: JSON.stringify(template).length };
}

const versions = [
  measure('cdk-drydock', (stack) => {
    NAMES.forEach((name) => new Repository(stack, name, { repositoryName: `shop/${name}`, lifecycleRules: [{ maxImageCount: 100 }] }));
  }),
  measure('L2 alone (no preview, no gate)', (stack) => {
    NAMES.forEach((name) => new ecr.Repository(stack, name, { repositoryName: `shop/${name}`, lifecycleRules: [{ maxImageCount: 100 }] }));
  }),
  measure('L2 + PreviewGate.protect', (stack) => {
    NAMES.forEach((name) => new ecr.Repository(stack, name, { repositoryName: `shop/${name}`, lifecycleRules: [{ maxImageCount: 100 }] }));
    PreviewGate.protect(stack);
  }),
  measure('cdk-drydock, policies on foreign repositories', (stack) => {
    NAMES.forEach((name) => new LifecyclePolicy(stack, name, { repository: Repository.fromRepositoryName(stack, `${name}Repository`, `shop/${name}`), rules: [{ maxImageCount: 100 }] }));
  }),
  ...[false, true].map((waits) => measure(`provider framework${waits ? ' with isComplete' : ''}`, (stack) => {
    const code = lambda.Code.fromInline('exports.handler = async () => ({});');
    const handler = (id: string) => new lambda.Function(stack, id, { code, handler: 'index.handler', runtime: lambda.Runtime.NODEJS_24_X });
    const onEventHandler = handler('OnEvent');
    const isCompleteHandler = waits ? handler('IsComplete') : undefined;
    const provider = new cr.Provider(stack, 'Provider', { onEventHandler, isCompleteHandler });
    for (const name of NAMES) {
      onEventHandler.addToRolePolicy(new iam.PolicyStatement({ actions: ['ecr:*'], resources: [`arn:aws:ecr:us-east-1:123456789012:repository/shop/${name}`] }));
      const rules = [{ rulePriority: 1, selection: { tagStatus: 'any', countType: 'imageCountMoreThan', countNumber: 100 }, action: { type: 'expire' } }];
      const repository = new CustomResource(stack, name, { serviceToken: provider.serviceToken, properties: { RepositoryName: `shop/${name}` } });
      new CustomResource(stack, `${name}Policy`, { serviceToken: provider.serviceToken, properties: { RepositoryName: repository.ref, LifecyclePolicy: { rules } } });
    }
  })),
];

const [ours] = versions;
console.log('three repositories with lifecycle rules'.padEnd(50), 'resources', 'bytes'.padStart(8), 'bytes / ours'.padStart(14));
for (const { name, resources, bytes } of versions) {
  console.log(name.padEnd(50), String(resources).padStart(9), String(bytes).padStart(8), (bytes / ours.bytes).toFixed(2).padStart(14));
}
