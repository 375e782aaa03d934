import { checkActions } from './check-actions';
import { StatementReport } from './check-report';
import { conditionFaults, conditionKeys, escape, SOURCE_KEYS } from './conditions';
import { locksOut } from './lockout';
import { isKnown, isRecord, isTooDeep, listOf, Statement } from './model';
import { PRINCIPAL_KINDS, principalFault } from './principals';
import { normalisedText, POLICY_TEXT_MAX } from './render';
import { Problem } from '../errors';

export interface CheckOptions {
  /** The author knows that a Deny may lock the owner out. */
  readonly allowLockOut?: boolean;
  /** The account that owns the repository, where it is known. */
  readonly registryId?: string;
}

export interface CheckResult {
  /** What ECR would refuse, or take and never honour. */
  readonly problems: readonly Problem[];
  /** What is legal and rarely meant. */
  readonly warnings: readonly Problem[];
}

const ELEMENTS = new Set(['Sid', 'Effect', 'Principal', 'NotPrincipal', 'Action', 'NotAction', 'Resource', 'NotResource', 'Condition']);

/**
 * Checks statements for a repository policy; every problem at once. Values that are known only at deployment (intrinsic functions, tokens) are passed over.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-policies.html
 */
export function checkStatements(statements: readonly Statement[], options: CheckOptions = {}): CheckResult {
  const problems: Problem[] = [];
  const warnings: Problem[] = [];
  const sids = new Set<string>();
  const sound = statements.filter((statement, index) => {
    const isSound = isRecord(statement) && !isTooDeep(statement);
    if (isSound) {
      checkStatement(new StatementReport(statement, `/Statement/${index}`, problems, warnings), sids, options);
    } else {
      const message = isRecord(statement) ? 'The statement nests deeper than any statement of IAM.' : 'The statement is not an object.';
      problems.push({ code: 'DD-ACCESS-001', pointer: `/Statement/${index}`, message, fix: 'Write {"Effect": "Allow", "Principal": ..., "Action": ...}.' });
    }
    return isSound;
  });
  checkSize(sound, problems);
  return { problems, warnings };
}

function checkStatement(report: StatementReport, sids: Set<string>, options: CheckOptions): void {
  if (!isKnown(report.statement)) {
    return;
  }
  checkElements(report);
  checkSid(report, sids);
  checkPrincipal(report);
  checkActions(report);
  for (const { pointer, what, value, fix } of conditionFaults(report.statement.Condition)) {
    report.problem('DD-ACCESS-022', `/Condition${pointer}`, what, value, fix);
  }
  checkLockOut(report, options);
  checkExposure(report);
}

function checkElements(report: StatementReport): void {
  const { statement } = report;
  if (isKnown(statement.Effect) && statement.Effect !== 'Allow' && statement.Effect !== 'Deny') {
    const what = statement.Effect === undefined ? 'has no effect.' : `has the effect ${report.show(statement.Effect)}.`;
    report.problem('DD-ACCESS-002', '/Effect', what, statement.Effect, 'Write Allow or Deny.');
  }
  for (const element of ['Resource', 'NotResource']) {
    if (statement[element] !== undefined) {
      report.problem('DD-ACCESS-005', `/${element}`, `has ${element}; the repository is the resource, and ECR refuses or ignores another.`, statement[element],
        `Leave ${element} out.`);
    }
  }
  for (const element of ['Action', 'Principal']) {
    if (statement[element] !== undefined && statement[`Not${element}`] !== undefined) {
      report.problem('DD-ACCESS-017', `/Not${element}`, `has ${element} and Not${element}.`, statement[`Not${element}`], 'Keep one of them.');
    }
  }
  for (const element of Object.keys(statement).filter((key) => !ELEMENTS.has(key))) {
    const meant = [...ELEMENTS].find((known) => known.toLowerCase() === element.toLowerCase());
    report.problem('DD-ACCESS-014', `/${escape(element)}`, `has an unknown element ${report.show(element)}.`, statement[element],
      meant === undefined ? 'Remove it.' : `Write ${meant}.`);
  }
}

function checkSid(report: StatementReport, seen: Set<string>): void {
  const Sid: unknown = report.statement.Sid;
  if (Sid === undefined || !isKnown(Sid)) {
    return;
  }
  if (typeof Sid !== 'string' || !/^[A-Za-z0-9]+$/.test(Sid)) {
    report.problem('DD-ACCESS-010', '/Sid', `has the Sid ${report.show(Sid)}; IAM takes letters and digits only.`, Sid, 'Use another Sid, or none: one is made.');
  } else if (seen.has(Sid)) {
    report.problem('DD-ACCESS-009', '/Sid', 'has a Sid that stands twice; statements are told apart by their Sids.', Sid, 'Give each statement its own Sid, or none.');
  } else {
    seen.add(Sid);
  }
}

function checkPrincipal(report: StatementReport): void {
  const elements = ['Principal', 'NotPrincipal'].filter((element) => report.statement[element] !== undefined);
  if (elements.length === 0) {
    report.problem('DD-ACCESS-003', '', 'has no principal.', undefined, 'Name who it is about, for example new iam.AccountPrincipal("123456789012").');
  }
  for (const element of elements) {
    const principal = report.statement[element];
    if (!isKnown(principal) || principal === '*') {
      continue;
    }
    if (!isRecord(principal)) {
      report.problem('DD-ACCESS-011', `/${element}`, `has the principal ${report.show(principal)}.`, principal, 'Write "*" or an object such as {"AWS": "123456789012"}.');
      continue;
    }
    if (Object.values(principal).every((values) => listOf(values).length === 0)) {
      report.problem('DD-ACCESS-003', `/${element}`, 'names no principal.', principal, 'Name who it is about.');
    }
    for (const [kind, values] of Object.entries(principal)) {
      checkPrincipals(report, `/${element}/${escape(kind)}`, kind, values);
    }
  }
}

function checkPrincipals(report: StatementReport, pointer: string, kind: string, values: unknown): void {
  if (!PRINCIPAL_KINDS.includes(kind)) {
    report.problem('DD-ACCESS-011', pointer, `has a principal of the kind ${report.show(kind)}.`, values, `Known are ${PRINCIPAL_KINDS.join(', ')}.`);
    return;
  }
  listOf(values).forEach((value, index) => {
    const fault = isKnown(value) ? principalFault(kind, value) : undefined;
    if (fault) {
      report.problem(fault.code, Array.isArray(values) ? `${pointer}/${index}` : pointer, `has the principal ${report.show(value)}, ${fault.what}.`, value, fault.fix);
    }
  });
}

function checkLockOut(report: StatementReport, options: CheckOptions): void {
  const { statement } = report;
  const guesses = [statement.NotPrincipal, ...principalValues(statement.NotPrincipal), ...listOf(statement.NotAction)];
  if (options.allowLockOut) {
    return;
  }
  const { lockedOut, certain } = locksOut({ Statement: [statement] }, { accountId: options.registryId ?? 'unknown' });
  // Somebody of the owner's account may be among the named when that account, or who they are, is not known.
  const namesSomebody = statement.NotPrincipal !== undefined && principalValues(statement.NotPrincipal).length > 0;
  const isCertain = certain && guesses.every(isKnown) && (options.registryId !== undefined || !namesSomebody);
  if (isCertain) {
    report.problem('DD-ACCESS-013', '', 'denies ecr:SetRepositoryPolicy to the repository\'s owner too; nobody but the root user could take it back.', statement,
      'Leave ecr:SetRepositoryPolicy out of the Deny, add a condition, or set allowLockOut: true.');
  } else if (lockedOut && statement.NotPrincipal !== undefined && conditionKeys(statement.Condition)?.length === 0) {
    report.warning('DD-ACCESS-105', '/NotPrincipal', 'denies ecr:SetRepositoryPolicy to everybody but the named; whoever deploys has to be one of them.', statement.NotPrincipal,
      'Leave ecr:SetRepositoryPolicy out of the Deny, or use Principal "*" with a condition on aws:PrincipalArn.');
  }
}

function checkExposure(report: StatementReport): void {
  const { Effect, Principal, NotPrincipal, Condition } = report.statement;
  const keys = conditionKeys(Condition);
  if (Effect !== 'Allow') {
    return;
  }
  if (NotPrincipal !== undefined) {
    report.warning('DD-ACCESS-103', '/NotPrincipal', 'allows everybody but the named; that includes the public.', NotPrincipal, 'Name who is allowed.');
  } else if ((Principal === '*' || principalValues(Principal).includes('*')) && keys?.length === 0) {
    report.warning('DD-ACCESS-101', '/Principal', 'allows everybody in the world.', Principal, 'Name accounts, or add a condition such as aws:PrincipalOrgID.');
  }
  const services = isRecord(Principal) ? listOf(Principal.Service as unknown).filter((service) => typeof service === 'string' && isKnown(service)) : [];
  if (services.length > 0 && keys?.every((key) => !SOURCE_KEYS.has(key))) {
    report.warning('DD-ACCESS-102', '/Principal/Service', `allows ${services.join(', ')} on behalf of anybody (confused deputy).`, services,
      'Add a condition on aws:SourceAccount or aws:SourceArn.');
  }
}

function principalValues(principal: unknown): readonly unknown[] {
  return isRecord(principal) ? listOf(principal.AWS) : [];
}

/** Counts what is known; what a token becomes only adds to it. */
function checkSize(statements: readonly Statement[], problems: Problem[]): void {
  const length = normalisedText({ Version: '2012-10-17', Statement: knownPart(statements) as Statement[] }).length;
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

function knownPart(value: unknown): unknown {
  if (typeof value === 'string') {
    return value.replace(/[$#]\{Token\[[^\]]*\]\}/g, '');
  }
  if (!isRecord(value)) {
    return Array.isArray(value) ? value.map(knownPart) : value;
  }
  return isKnown(value) ? Object.fromEntries(Object.entries(value).map(([key, member]) => [key, knownPart(member)])) : '';
}
