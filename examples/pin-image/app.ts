/**
 * The platform team keeps a base image under a tag that moves. The shop runs a copy of it in its own repository, pinned to the very bytes that were copied:
 * an ECS service. Its Lambda function is pinned to what CI has pushed under the tag `live`.
 *
 * `release` is what makes a deployment look at the sources again; CI gives its commit.
 */
import { App, aws_ec2 as ec2, aws_ecs as ecs, aws_lambda as lambda, CfnOutput, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { ImageCopy, ImageDigest, ImageSource, Refresh, Repository } from 'cdk-drydock';

export function pinImage(chosen?: string, outdir?: string): App {
  const app = new App({ outdir });
  const release = chosen ?? app.node.tryGetContext('release') ?? 'first';
  const stack = new Stack(app, 'Shop', { env: { account: '123456789012', region: 'us-east-1' } });
  const refresh = Refresh.onChange(release);

  const web = new Repository(stack, 'Web', { repositoryName: 'shop/web', removalPolicy: RemovalPolicy.DESTROY, emptyOnDelete: true });
  const copy = new ImageCopy(stack, 'WebImage', {
    source: ImageSource.fromEcr(Repository.fromRepositoryName(stack, 'Platform', 'platform/web'), { tag: 'stable' }),
    destination: web,
    tags: ['stable'],
    refresh,
  });
  copy.node.addDependency(web);

  const vpc = ec2.Vpc.fromVpcAttributes(stack, 'Vpc', { vpcId: 'vpc-12345', availabilityZones: ['us-east-1a'], publicSubnetIds: ['subnet-12345'] });
  const task = new ecs.FargateTaskDefinition(stack, 'Task');
  task.addContainer('Web', { image: ecs.ContainerImage.fromEcrRepository(web, copy.imageDigest) });
  new ecs.FargateService(stack, 'Service', { cluster: new ecs.Cluster(stack, 'Cluster', { vpc }), taskDefinition: task, assignPublicIp: true, minHealthyPercent: 100 });

  const thumbnails = Repository.fromRepositoryName(stack, 'Thumbnails', 'shop/thumbnails');
  const live = new ImageDigest(stack, 'Live', { repository: thumbnails, imageTag: 'live', refresh });
  new lambda.DockerImageFunction(stack, 'Thumbnail', { code: lambda.DockerImageCode.fromEcr(thumbnails, { tagOrDigest: live.digest }) });

  new CfnOutput(stack, 'WebDigest', { value: copy.imageDigest });
  new CfnOutput(stack, 'ThumbnailDigest', { value: live.digest });
  new CfnOutput(stack, 'MovedBytes', { value: copy.movedBytes });
  return app;
}

if (require.main === module) {
  const [release, outdir] = process.argv.slice(2);
  pinImage(release, outdir).synth();
}
