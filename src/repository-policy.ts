import { createHash } from 'node:crypto';
import { aws_ecr as ecr, aws_iam as iam, Lazy, Resource, Stack, Token } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { CheckOptions, checkStatements } from './access/check';
import { listOf, Statement } from './access/model';
import { annotate, claim, deployedStackName, messagesOf, throwProblems } from './construct-support';
import { Problem } from './errors';
import { nativeRepository, synthesizedProperties } from './native-repository';
import { DrydockProvider } from './provider/provider';
import { REPOSITORY_POLICY_TYPE } from './resources';
import { repositoryTarget } from './target';

/** Properties of `RepositoryPolicy`. */
export interface RepositoryPolicyProps {
  /**
   * The repository: one of this library, one that CloudFormation manages in this app (`ecr.Repository`, `CfnRepository`), or any other, imported by name,
   * ARN or attributes.
   */
  readonly repository: ecr.IRepositoryRef;

  /**
   * Statements to add to the repository's policy. A statement without a Sid gets one that no other construct has. Choose a Sid of your own only where no
   * other stack uses it for the repository: it is the mark of ownership, and two resources with the same statement under the same Sid own it both.
   *
   * @default - none yet; add them with `addStatements`
   */
  readonly statements?: iam.PolicyStatement[];

  /**
   * Allows statements that lock the repository's owner out of changing the policy (a Deny that covers `ecr:SetRepositoryPolicy`). Only the root user
   * of the account could undo them. Cannot be had for a repository that CloudFormation manages.
   *
   * @see https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_SetRepositoryPolicy.html
   * @default false
   */
  readonly allowLockOut?: boolean;
}

/**
 * Statements in the policy of a repository, whoever owns the repository. The statements are known by their Sid: ours are added, replaced and removed,
 * everyone else's (other stacks', Lambda's own) stay as they are. Two stacks that deploy at the same time both keep their statements.
 *
 * Errors at synth: DD-ACCESS-0xx (what ECR would refuse or never honour), DD-REPOSITORY-006, DD-REPOSITORY-009, DD-REPOSITORY-012.
 * Warnings: DD-ACCESS-1xx (public access, services without a source condition).
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-policies.html
 *
 * @example
 * new RepositoryPolicy(this, 'PartnerPulls', {
 *   repository: Repository.fromRepositoryName(this, 'Base', 'platform/base'),
 *   statements: [new iam.PolicyStatement({
 *     sid: 'PartnerPulls',
 *     principals: [new iam.AccountPrincipal('210987654321')],
 *     actions: ['ecr:BatchCheckLayerAvailability', 'ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'],
 *   })],
 * });
 */
export class RepositoryPolicy extends Resource {
  private readonly statements: iam.PolicyStatement[] = [];
  private readonly options: CheckOptions;
  private readonly sidPrefix: string;
  private readonly identity: string;
  private readonly native?: ecr.CfnRepository;

  constructor(scope: Construct, id: string, props: RepositoryPolicyProps) {
    super(scope, id);
    const allowLockOut = props.allowLockOut ?? false;
    this.native = nativeRepository(props.repository);
    if (this.native) {
      this.options = {};
      this.identity = this.native.node.path;
      this.sidPrefix = this.makeSidPrefix();
      this.writeThrough(this.native, allowLockOut);
    } else {
      const target = repositoryTarget(this, props.repository);
      this.options = { allowLockOut, registryId: target.owner };
      this.identity = target.identity;
      this.sidPrefix = this.makeSidPrefix(target.registryId);
      DrydockProvider.getOrCreate(this).resource(this, 'Resource', {
        resourceType: REPOSITORY_POLICY_TYPE,
        repositoryArn: target.permissionArn,
        properties: {
          RepositoryName: target.repositoryName,
          RegistryId: target.registryId,
          Statements: Lazy.uncachedAny({ produce: () => this.rendered() }),
          AllowLockOut: allowLockOut,
        },
      });
    }
    this.addStatements(...props.statements ?? []);
    this.node.addValidation({ validate: () => messagesOf(this.atSynth()) });
  }

  /**
   * Adds statements. Throws DD-ACCESS-0xx for what ECR would refuse or never honour.
   *
   * @param statements the statements, without resources: the policy is the repository's own
   */
  public addStatements(...statements: iam.PolicyStatement[]): void {
    this.statements.push(...statements);
    if (statements.length > 0) {
      const { problems, warnings } = this.check();
      throwProblems(this, 'the statements cannot be used in a repository policy', problems);
      annotate(this, warnings);
    }
  }

  private check() {
    return checkStatements(Stack.of(this).resolve(this.rendered()) as Statement[], this.options);
  }

  /** Tokens stay: only CDK's own resolution turns a reference to another stack into an export and an import. */
  private rendered(): Record<string, unknown>[] {
    return this.statements.map((statement, index) => {
      const json = statement.toStatementJson() as Record<string, unknown>;
      return { Sid: json.Sid ?? `${this.sidPrefix}${index}`, ...json };
    });
  }

  /** Makes Sids that are the same in every synth, and no other construct's of this or another stack, in whatever account that one is. */
  private makeSidPrefix(registryId?: string): string {
    const { account } = Stack.of(this);
    const known = !Token.isUnresolved(account);
    const place = [known ? account : '', deployedStackName(this) ?? '', this.node.path].join('|');
    const prefix = `Drydock${createHash('sha256').update(place).digest('hex').slice(0, 12)}`;
    // The same stack, deployed from several accounts, meets itself in the policy of a repository that it shares.
    return known || registryId === undefined ? prefix : `${prefix}x${account}x`;
  }

  /** CloudFormation would delete a policy that its own template does not hold, so there the statements go into the native property. */
  private writeThrough(native: ecr.CfnRepository, allowLockOut: boolean): void {
    throwProblems(this, 'the statements cannot be put into the native repository', !allowLockOut ? [] : [{
      code: 'DD-REPOSITORY-012', pointer: 'allowLockOut', value: true,
      message: 'CloudFormation manages this repository and never sends `force`, so ECR would refuse a statement that locks its owner out.',
      fix: 'Leave allowLockOut out, and ecr:SetRepositoryPolicy out of the Deny.',
    }]);
    const before = native.repositoryPolicyText as unknown;
    native.repositoryPolicyText = Lazy.uncachedAny({ produce: (context) => this.merged(native, context.resolve(before)) });
  }

  private merged(native: ecr.CfnRepository, before: unknown): unknown {
    const present = typeof before === 'string' ? parse(before) : before ?? {};
    if (typeof present !== 'object' || present === null || !isMergeable(present)) {
      throwProblems(this, 'the policy of the native repository cannot be merged with', [{
        code: 'DD-REPOSITORY-009', pointer: native.node.path, message: 'Its repositoryPolicyText is not a policy document that is known at synth.', value: before,
        fix: 'Give the document as an object, or add all statements through one RepositoryPolicy.',
      }]);
    }
    const document = present as { Version?: string; Statement?: object | object[] };
    const statements = document.Statement === undefined ? [] : Array.isArray(document.Statement) ? document.Statement : [document.Statement];
    const all = [...statements, ...this.rendered()];
    // A document without a version is one of 2008; a newer version would give the `${...}` in its statements a meaning.
    const version = statements.length === 0 ? { Version: '2012-10-17' } : {};
    return all.length === 0 ? undefined : { ...version, ...document, Statement: all };
  }

  private atSynth(): readonly Problem[] {
    if (this.statements.length === 0) {
      return [{
        code: 'DD-ACCESS-020', pointer: 'statements', message: 'The repository policy has no statements.',
        fix: 'Give it one with `statements` or `addStatements`, or leave the construct out.',
      }];
    }
    // Once more: a statement can be changed after it was added.
    const { problems, warnings } = this.check();
    annotate(this, warnings);
    return [...problems, ...this.sharedSids(), ...this.native ? this.checkNative(this.native) : []];
  }

  /** A Sid is the mark of ownership: of two resources with the same one, each would take the other's statement for its own. */
  private sharedSids(): readonly Problem[] {
    return this.statements.flatMap(({ sid }, index) => {
      const other = sid === undefined || Token.isUnresolved(sid) ? undefined : claim(this, `Sid ${sid} of ${this.identity}`);
      return other === undefined ? [] : [{
        code: 'DD-ACCESS-009', pointer: `/Statement/${index}/Sid`, value: sid,
        message: `${other} has a statement with the Sid ${JSON.stringify(sid)} for the same repository; statements are told apart by their Sids.`,
        fix: 'Give each statement its own Sid, or none.',
      }];
    });
  }

  /** What only the finished native policy shows: its size, and whether it is still there. */
  private checkNative(native: ecr.CfnRepository): readonly Problem[] {
    const all = listOf((synthesizedProperties(native).RepositoryPolicyText as { Statement?: Statement | Statement[] } | undefined)?.Statement);
    const kept = new Set(all.map((statement) => JSON.stringify(statement.Sid)));
    const lost = (Stack.of(native).resolve(this.rendered()) as Statement[]).filter((statement) => !kept.has(JSON.stringify(statement.Sid)));
    if (lost.length > 0) {
      return [{
        code: 'DD-REPOSITORY-009', pointer: native.node.path, value: lost.map(({ Sid }) => Sid),
        message: 'Its repositoryPolicyText was set or overridden after the statements were added, so they are lost.',
        fix: 'Set the document before, or add all statements through RepositoryPolicy.',
      }];
    }
    return checkStatements(all, { allowLockOut: true }).problems.filter(({ code }) => code === 'DD-ACCESS-012');
  }
}

function isMergeable(document: object): boolean {
  return Object.keys(document).every((key) => ['Version', 'Id', 'Statement'].includes(key));
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
