import { actionMatches, expandAction, isRepositoryAction, nearestAction } from './actions';
import { AccessCode } from './codes';
import { isRecord, listOf, Statement } from './model';
import { normalisedText, POLICY_TEXT_MAX } from './render';
import { Problem } from '../errors';

export interface CheckOptions {
  /** The author knows that a Deny may lock the owner out. */
  readonly allowLockOut?: boolean;
}

export interface CheckResult {
  /** What ECR would refuse, or take and never honour. */
  readonly problems: readonly Problem[];
  /** What is legal and rarely meant. */
  readonly warnings: readonly Problem[];
}

const ELEMENTS = new Set(['Sid', 'Effect', 'Principal', 'NotPrincipal', 'Action', 'NotAction', 'Resource', 'NotResource', 'Condition']);
const PRINCIPAL_KINDS = ['AWS', 'Service', 'Federated', 'CanonicalUser'];

/**
 * Checks statements for a repository policy; every problem at once. Values that are known only at deployment (intrinsic functions, tokens) are passed over.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-policies.html
 */
export function checkStatements(statements: readonly Statement[], options: CheckOptions = {}): CheckResult {
  const problems: Problem[] = [];
  const warnings: Problem[] = [];
  const sids = new Set<string>();
  statements.forEach((statement, index) => {
    const at = `/Statement/${index}`;
    if (!isRecord(statement)) {
      problems.push({ code: 'DD-ACCESS-001', pointer: at, message: 'The statement is not an object.', value: statement });
      return;
    }
    const check = new StatementCheck(statement, at, problems, warnings);
    check.elements();
    check.sid(sids);
    check.principal();
    check.actions();
    check.lockOut(options);
    check.exposure();
  });
  checkSize(statements, problems);
  return { problems, warnings };
}

class StatementCheck {
  private readonly name: string;

  constructor(
    private readonly statement: Statement & Record<string, unknown>,
    private readonly at: string,
    private readonly problems: Problem[],
    private readonly warnings: Problem[],
  ) {
    this.name = typeof statement.Sid === 'string' && known(statement.Sid) ? `Statement ${JSON.stringify(statement.Sid)}` : 'The statement';
  }

  public elements(): void {
    const { Effect } = this.statement;
    if (known(Effect) && Effect !== 'Allow' && Effect !== 'Deny') {
      this.problem('002', '/Effect', `has the effect ${show(Effect)}.`, Effect, 'Write Allow or Deny.');
    }
    for (const element of ['Resource', 'NotResource']) {
      if (this.statement[element] !== undefined) {
        this.problem('005', `/${element}`, `has ${element}; the repository is the resource, and ECR refuses or ignores another.`, this.statement[element], `Leave ${element} out.`);
      }
    }
    for (const element of ['Action', 'Principal']) {
      if (this.statement[element] !== undefined && this.statement[`Not${element}`] !== undefined) {
        this.problem('017', `/Not${element}`, `has ${element} and Not${element}.`, this.statement[`Not${element}`], 'Keep one of them.');
      }
    }
    for (const element of Object.keys(this.statement).filter((key) => !ELEMENTS.has(key))) {
      this.problem('014', `/${element}`, `has an unknown element ${show(element)}.`, this.statement[element], 'Remove it.');
    }
  }

  public sid(seen: Set<string>): void {
    const { Sid } = this.statement;
    if (Sid === undefined || !known(Sid)) {
      return;
    }
    if (typeof Sid !== 'string' || !/^[A-Za-z0-9]+$/.test(Sid)) {
      this.problem('010', '/Sid', `has the Sid ${show(Sid)}; IAM takes letters and digits only.`, Sid, 'Use another Sid, or none: one is made.');
    } else if (seen.has(Sid)) {
      this.problem('009', '/Sid', 'has a Sid that stands twice; statements are told apart by their Sids.', Sid, 'Give each statement its own Sid, or none.');
    } else {
      seen.add(Sid);
    }
  }

  public principal(): void {
    const element = this.statement.NotPrincipal !== undefined ? 'NotPrincipal' : 'Principal';
    const principal: unknown = this.statement[element];
    if (principal === undefined) {
      this.problem('003', '', 'has no principal.', undefined, 'Name who it is about, for example new iam.AccountPrincipal("123456789012").');
    } else if (isRecord(principal) && known(principal)) {
      const kinds = Object.entries(principal);
      if (kinds.every(([, values]) => listOf(values).length === 0)) {
        this.problem('003', `/${element}`, 'names no principal.', principal, 'Name who it is about.');
      }
      for (const [kind, values] of kinds) {
        if (!PRINCIPAL_KINDS.includes(kind)) {
          this.problem('011', `/${element}/${kind}`, `has a principal of the kind ${show(kind)}.`, values, `Known are ${PRINCIPAL_KINDS.join(', ')}.`);
        }
        listOf(values).filter(known).forEach((value) => this.principalValue(element, kind, value));
      }
    } else if (known(principal) && principal !== '*') {
      this.problem('011', `/${element}`, `has the principal ${show(principal)}.`, principal, 'Write "*" or an object such as {"AWS": "123456789012"}.');
    }
  }

  public actions(): void {
    const element = this.statement.NotAction !== undefined ? 'NotAction' : 'Action';
    const actions = listOf(this.statement[element] as unknown);
    if (actions.length === 0) {
      this.problem('004', '', 'has no action.', undefined, 'Name at least one, for example ecr:BatchGetImage.');
    }
    for (const action of actions.filter(known)) {
      this.action(element, action);
    }
  }

  public lockOut(options: CheckOptions): void {
    const { Effect, Condition } = this.statement;
    const conditional = isRecord(Condition) && Object.keys(Condition).length > 0;
    const covers = listOf(this.statement.Action).some((action) => typeof action === 'string' && actionMatches(action, 'ecr:SetRepositoryPolicy'))
      || (this.statement.NotAction !== undefined && !listOf(this.statement.NotAction).some((action) => typeof action === 'string' && actionMatches(action, 'ecr:SetRepositoryPolicy')));
    const everybody = isEverybody(this.statement.Principal) || this.statement.NotPrincipal !== undefined;
    if (Effect === 'Deny' && covers && everybody && !conditional && !options.allowLockOut) {
      this.problem('013', '', 'denies ecr:SetRepositoryPolicy to the repository\'s owner too; nobody but the root user could take it back.', this.statement,
        'Leave ecr:SetRepositoryPolicy out of the Deny, add a condition, or set allowLockOut: true.');
    }
  }

  public exposure(): void {
    const { Effect, Principal, NotPrincipal, Condition } = this.statement;
    if (Effect !== 'Allow') {
      return;
    }
    const keys = conditionKeys(Condition);
    if (NotPrincipal !== undefined) {
      this.warning('103', '/NotPrincipal', 'allows everybody but the named; that includes the public.', NotPrincipal, 'Name who is allowed.');
    } else if (isEverybody(Principal) && keys.length === 0) {
      this.warning('101', '/Principal', 'allows everybody in the world.', Principal, 'Name accounts, or add a condition such as aws:PrincipalOrgID.');
    }
    const services = isRecord(Principal) ? listOf(Principal.Service as string | string[] | undefined).filter(known) : [];
    const sourced = keys.some((key) => ['aws:sourcearn', 'aws:sourceaccount', 'aws:sourceorgid', 'aws:sourceorgpaths'].includes(key));
    if (services.length > 0 && !sourced) {
      this.warning('102', '/Principal/Service', `allows ${services.join(', ')} on behalf of anybody (confused deputy).`, services, 'Add a condition on aws:SourceAccount or aws:SourceArn.');
    }
  }

  private action(element: string, action: unknown): void {
    const at = `/${element}`;
    if (typeof action !== 'string') {
      this.problem('006', at, `has the action ${show(action)}.`, action, 'Write text such as ecr:BatchGetImage.');
    } else if (action !== '*' && !/^ecr:/i.test(action)) {
      const meant = nearestAction(action);
      this.problem('006', at, `has the action ${show(action)}; a repository policy takes actions of ECR only.`, action, meant ? `Did you mean ${meant}?` : 'Remove it.');
    } else if (expandAction(action).length === 0) {
      const meant = nearestAction(action);
      this.problem('007', at, `has the action ${show(action)}, which ECR does not have.`, action, meant ? `Did you mean ${meant}?` : 'See the list of ECR actions in the Service Authorization Reference.');
    } else if (/^ecr:GetAuthorizationToken$/i.test(action) && element === 'Action') {
      this.problem('008', at, 'gives ecr:GetAuthorizationToken, which has no effect in a repository policy.', action, 'Give it by an IAM policy, on the resource "*".');
    } else if (!expandAction(action).some(isRepositoryAction)) {
      this.warning('104', at, `has the action ${action}, which belongs to the registry and has no effect on a repository.`, action, 'Use an IAM policy or the registry policy.');
    }
  }

  private principalValue(element: string, kind: string, value: unknown): void {
    const at = `/${element}/${kind}`;
    if (typeof value !== 'string') {
      this.problem('011', at, `has the principal ${show(value)}.`, value, 'Write text.');
    } else if (kind === 'AWS' && !/^(\*|\d{12}|arn:[^:]+:(iam|sts)::(\d{12}|cloudfront)?:.+|A(ROA|IDA)[A-Z0-9]+)$/.test(value)) {
      this.problem('011', at, `has the principal ${show(value)}, which is neither an account of twelve digits nor an ARN of IAM.`, value,
        'Write 123456789012 or arn:aws:iam::123456789012:role/NAME.');
    } else if (kind === 'Service' && !/^[a-z0-9.-]+\.[a-z0-9.-]+$/.test(value)) {
      this.problem('011', at, `has the service ${show(value)}.`, value, 'Write for example codebuild.amazonaws.com.');
    }
  }

  private problem(number: string, where: string, text: string, value: unknown, fix: string): void {
    this.problems.push({ code: `DD-ACCESS-${number}` as AccessCode, pointer: this.at + where, message: `${this.name} ${text}`, value, fix });
  }

  private warning(number: string, where: string, text: string, value: unknown, fix: string): void {
    this.warnings.push({ code: `DD-ACCESS-${number}` as AccessCode, pointer: this.at + where, message: `${this.name} ${text}`, value, fix });
  }
}

function checkSize(statements: readonly Statement[], problems: Problem[]): void {
  const length = normalisedText({ Version: '2012-10-17', Statement: statements.filter(isRecord) as unknown as Statement[] }).length;
  if (length > POLICY_TEXT_MAX) {
    problems.push({
      code: 'DD-ACCESS-012',
      pointer: '',
      message: `The statements make a policy of ${length} characters; ECR stores ${POLICY_TEXT_MAX}.`,
      value: length,
      fix: 'Join statements, or use fewer principals (an account instead of its roles).',
    });
  }
}

function isEverybody(principal: Statement['Principal']): boolean {
  return principal === '*' || (isRecord(principal) && listOf(principal.AWS as string | string[] | undefined).includes('*'));
}

function conditionKeys(condition: unknown): string[] {
  return isRecord(condition) ? Object.values(condition).flatMap((block) => isRecord(block) ? Object.keys(block).map((key) => key.toLowerCase()) : []) : [];
}

/** False for what only the deployment knows: an intrinsic function, or text that holds a token. */
function known(value: unknown): boolean {
  if (typeof value === 'string') {
    return !value.includes('${Token[');
  }
  return !(isRecord(value) && Object.keys(value).some((key) => key === 'Ref' || key.startsWith('Fn::')));
}

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
