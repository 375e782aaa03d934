import { createHash } from 'node:crypto';
import { aws_ecr as ecr, aws_iam as iam, Lazy, Resource, Stack, Token } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { checkStatements } from './access/check';
import { Statement } from './access/model';
import { annotate, throwProblems } from './construct-support';
import { DrydockProvider } from './provider/provider';
import { REPOSITORY_POLICY_TYPE } from './resources';
import { nativeRepository, repositoryTarget } from './target';

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
   * of the account could undo them.
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
 * Errors at synth: DD-ACCESS-0xx (what ECR would refuse or never honour), DD-REPOSITORY-006, DD-REPOSITORY-009. Warnings: public access, services
 * without a source condition.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-policies.html
 */
export class RepositoryPolicy extends Resource {
  private readonly statements: iam.PolicyStatement[] = [];
  private readonly allowLockOut: boolean;

  constructor(scope: Construct, id: string, props: RepositoryPolicyProps) {
    super(scope, id);
    this.allowLockOut = props.allowLockOut ?? false;
    const native = nativeRepository(props.repository);
    if (native) {
      this.writeThrough(native);
    } else {
      const target = repositoryTarget(this, props.repository);
      DrydockProvider.getOrCreate(this).resource(this, 'Resource', {
        resourceType: REPOSITORY_POLICY_TYPE,
        repositoryArn: target.permissionArn,
        properties: {
          RepositoryName: target.repositoryName,
          RegistryId: target.registryId,
          Statements: Lazy.any({ produce: () => this.rendered() }),
          AllowLockOut: this.allowLockOut,
        },
      });
    }
    this.addStatements(...props.statements ?? []);
    this.node.addValidation({ validate: () => this.atSynth() });
  }

  /** Adds statements. Throws DD-ACCESS-0xx for what ECR would refuse or never honour. */
  public addStatements(...statements: iam.PolicyStatement[]): void {
    this.statements.push(...statements);
    if (statements.length > 0) {
      throwProblems(this, 'the statements cannot be used in a repository policy', this.checked().problems);
    }
  }

  private checked() {
    return checkStatements(this.rendered(), { allowLockOut: this.allowLockOut });
  }

  private rendered(): Statement[] {
    return this.statements.map((statement, index) => {
      const json = Stack.of(this).resolve(statement.toStatementJson()) as Statement;
      return { Sid: json.Sid ?? this.generatedSid(index), ...json };
    });
  }

  /** The same in every synth, and no other construct's in this or another stack. */
  private generatedSid(index: number): string {
    const stack = Stack.of(this);
    const name = Token.isUnresolved(stack.stackName) ? '' : stack.stackName;
    return `Drydock${createHash('sha256').update(`${name}|${this.node.path}`).digest('hex').slice(0, 12)}${index}`;
  }

  /** CloudFormation would delete a policy that its own template does not hold, so there the statements go into the native property. */
  private writeThrough(native: ecr.CfnRepository): void {
    const before = native.repositoryPolicyText;
    native.repositoryPolicyText = Lazy.any({ produce: () => this.merged(native, before) });
  }

  private merged(native: ecr.CfnRepository, before: unknown): unknown {
    const resolved = Stack.of(native).resolve(before) as unknown;
    const present = typeof resolved === 'string' ? parse(resolved) : resolved ?? {};
    if (typeof present !== 'object' || present === null || !isMergeable(present)) {
      throwProblems(this, 'the policy of the native repository cannot be merged with', [{
        code: 'DD-REPOSITORY-009', pointer: native.node.path, message: 'Its repositoryPolicyText is not a policy document that is known at synth.', value: resolved,
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

  private atSynth(): string[] {
    if (this.statements.length === 0) {
      return ['DD-ACCESS-020: the repository policy has no statements. Fix: give it one with `statements` or `addStatements`, or leave the construct out.'];
    }
    const { warnings } = this.checked();
    annotate(this, warnings);
    return [];
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
