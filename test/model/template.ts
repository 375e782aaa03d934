import { App, isSlot, lifecycleDocument, STACK_NAME, statementOf, Target, targetName, ACCOUNT, REGION } from './app';

type Json = Record<string, unknown>;

/** How a template differs from another one of the same app without meaning anything else. */
export interface Rendering {
  /** Every resource gets an update that changes nothing. */
  readonly serviceTimeout?: number;
}

/**
 * The template of an app as the constructs synthesize it, without the synthesis: some hundred times faster. A test compares the two
 * (template.test.ts). Logical ids are the construct ids.
 */
export function templateOf(app: App, { serviceTimeout = 960 }: Rendering = {}): Json {
  const custom = (type: string, provider: string, properties: Json, policies: Json = { UpdateReplacePolicy: 'Delete', DeletionPolicy: 'Delete' }): Json => ({
    Type: type,
    Properties: JSON.parse(JSON.stringify({
      ServiceToken: { 'Fn::GetAtt': [`${provider}Handler`, 'Arn'] }, ServiceTimeout: String(serviceTimeout), ...properties,
    })),
    DependsOn: [`${provider}Permissions`],
    ...policies,
  });
  const name = (target: Target) => isSlot(target) ? { Ref: target } : target;
  const place = (target: Target): Json => ({
    RepositoryName: name(target),
    RepositoryUri: isSlot(target)
      ? { 'Fn::Join': ['', [`${ACCOUNT}.dkr.ecr.${REGION}.`, { Ref: 'AWS::URLSuffix' }, '/', { Ref: target }]] }
      : { 'Fn::Join': ['', [`${ACCOUNT}.dkr.ecr.${REGION}.`, { Ref: 'AWS::URLSuffix' }, `/${target}`]] },
  });
  const resources: Json = {};
  for (const [id, spec] of present(app.repositories)) {
    const tags = Object.entries(spec.tags).sort(([a], [b]) => (a < b ? -1 : 1)).map(([Key, Value]) => ({ Key, Value }));
    resources[id] = custom('Custom::DrydockRepository', 'DrydockProvider', {
      RepositoryName: spec.name,
      ImageTagMutability: spec.immutable ? 'IMMUTABLE' : 'MUTABLE',
      EncryptionConfiguration: { encryptionType: 'AES256' },
      ImageScanningConfiguration: { scanOnPush: spec.scan },
      Tags: tags.length === 0 ? undefined : tags,
      ExistingRepository: spec.existing,
      RemovalPolicy: spec.removal,
      EmptyOnDelete: spec.emptyOnDelete,
    }, spec.removal === 'retain' ? { UpdateReplacePolicy: 'Retain', DeletionPolicy: 'RetainExceptOnCreate' } : undefined);
  }
  for (const [id, spec] of present(app.policies)) {
    resources[id] = custom('Custom::DrydockRepositoryPolicy', 'DrydockProvider', {
      RepositoryName: name(spec.target),
      Statements: spec.sids.map((sid) => ({
        ...statementOf(sid, spec.account), Principal: { AWS: { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, `:iam::${spec.account}:root`]] } },
      })),
      AllowLockOut: false,
    });
  }
  for (const [id, spec] of present(app.lifecycles)) {
    resources[id] = custom('Custom::DrydockLifecyclePolicy', 'DrydockProvider', {
      RepositoryName: name(spec.target),
      LifecyclePolicy: lifecycleDocument(spec.keep),
      ReplaceExisting: spec.replaceExisting,
      PreviewGate: spec.gate === 'off' ? 'off' : {
        MaxExpiringImages: spec.gate, MaxExpiringPercent: 100, ProtectedTagPatterns: [], ProtectPulledWithinDays: 30, CountAgainst: 'policy-in-force',
      },
    });
  }
  for (const [id, spec] of present(app.tags)) {
    resources[id] = custom('Custom::DrydockImageTag', 'DrydockImageProvider', {
      ...place(spec.target),
      ImageTag: spec.tag,
      SourceRepositoryName: spec.from && name(spec.from),
      SourceImageTag: spec.source,
      RemovalPolicy: spec.removal,
      DeleteLastTag: spec.deleteLastTag,
      Trigger: spec.trigger,
    });
  }
  for (const [id, spec] of present(app.copies)) {
    resources[id] = custom('Custom::DrydockImageCopy', 'DrydockImageProvider', {
      ...place(spec.target),
      Source: { Type: 'ecr', RepositoryName: 'team/base', ImageTag: spec.source },
      ImageTags: spec.tags,
      Referrers: true,
      RemovalPolicy: spec.removal,
      TimeoutSeconds: 900,
      Trigger: spec.trigger,
    });
  }
  for (const [id, spec] of present(app.cleanups)) {
    resources[id] = custom('Custom::DrydockImageCleanup', 'DrydockImageProvider', {
      ...place(spec.target),
      Selections: [spec.patterns.length === 0 ? { Kind: 'untagged' } : { Kind: 'tagged', TagPatterns: spec.patterns }],
      ProtectedTagPatterns: ['latest', 'stable*', 'prod*', 'live*', 'release*'],
      ProtectPulledWithinDays: 30,
      MaxImages: spec.maxImages,
      MaxPercent: 100,
      Mode: spec.mode,
      OnFailure: 'fail',
      ReadIndexes: false,
      Trigger: spec.trigger,
    });
  }
  return { Resources: { ...resources, ...providerOf('DrydockProvider', 512), ...providerOf('DrydockImageProvider', 1024) } };
}

/** The name under which a custom resource's repository is known once its template is resolved. */
export function repositoryOf(app: App, target: Target): string {
  return targetName(app, target);
}

/** A function and what it needs. CloudFormation makes them before the resources that they serve, and so does the rehearsal. */
function providerOf(id: string, memorySize: number): Json {
  return {
    [`${id}Logs`]: { Type: 'AWS::Logs::LogGroup', Properties: { RetentionInDays: 90 }, UpdateReplacePolicy: 'Delete', DeletionPolicy: 'Delete' },
    [`${id}Role`]: { Type: 'AWS::IAM::Role', Properties: {} },
    [`${id}Handler`]: {
      Type: 'AWS::Lambda::Function',
      Properties: {
        Code: { S3Bucket: 'assets', S3Key: `${id}.zip` }, Handler: 'index.handler', LoggingConfig: { LogGroup: { Ref: `${id}Logs` } },
        MemorySize: memorySize, Role: { 'Fn::GetAtt': [`${id}Role`, 'Arn'] }, Runtime: 'nodejs24.x', Timeout: 900,
      },
      DependsOn: [`${id}Role`],
    },
    [`${id}Permissions`]: { Type: 'AWS::IAM::ManagedPolicy', Properties: {} },
  };
}

/** The files of a cloud assembly besides the template. */
export function assemblyFiles(codeDirectory: string): Record<string, Json> {
  const assets = ['DrydockProvider', 'DrydockImageProvider'];
  return {
    'manifest.json': {
      version: '53.0.0',
      artifacts: {
        [`${STACK_NAME}.assets`]: { type: 'cdk:asset-manifest', properties: { file: `${STACK_NAME}.assets.json` } },
        [STACK_NAME]: { type: 'aws:cloudformation:stack', environment: `aws://${ACCOUNT}/${REGION}`, properties: { templateFile: `${STACK_NAME}.template.json` }, displayName: STACK_NAME },
      },
    },
    [`${STACK_NAME}.assets.json`]: {
      files: Object.fromEntries(assets.map((id) => [id, {
        source: { path: codeDirectory, packaging: 'zip' }, destinations: { here: { objectKey: `${id}.zip` } },
      }])),
    },
  };
}

function present<T>(slots: Readonly<Partial<Record<string, T>>>): [string, T][] {
  return Object.entries(slots).sort(([a], [b]) => (a < b ? -1 : 1)) as [string, T][];
}
