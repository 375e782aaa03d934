import { ACTION_OF_OPERATION, expandAction, isRepositoryAction, nearestAction } from './actions';
import { StatementReport } from './check-report';
import { isKnown, listOf } from './model';

/** The actions of a statement: there are some, ECR has them, and a repository policy can give them. */
export function checkActions(report: StatementReport): void {
  const elements = ['Action', 'NotAction'].filter((element) => report.statement[element] !== undefined);
  if (elements.every((element) => listOf(report.statement[element]).length === 0)) {
    report.problem('DD-ACCESS-004', '', 'has no action.', undefined, 'Name at least one, for example ecr:BatchGetImage.');
  }
  for (const element of elements) {
    const actions = report.statement[element];
    listOf(actions).forEach((action, index) => {
      if (isKnown(action)) {
        checkAction(report, element, Array.isArray(actions) ? `/${element}/${index}` : `/${element}`, action);
      }
    });
  }
}

function checkAction(report: StatementReport, element: string, at: string, action: unknown): void {
  if (typeof action !== 'string') {
    report.problem('DD-ACCESS-006', at, `has the action ${report.show(action)}.`, action, 'Write text such as ecr:BatchGetImage.');
    return;
  }
  const needed = ACTION_OF_OPERATION.get(action.toLowerCase());
  const stands = expandAction(action);
  if (action !== '*' && !/^ecr:/i.test(action)) {
    report.problem('DD-ACCESS-006', at, `has the action ${report.show(action)}; a repository policy takes actions of ECR only.`, action,
      suggestion(action) ?? 'Remove it.');
  } else if (needed !== undefined) {
    report.warning('DD-ACCESS-104', at, `has the action ${action}, an operation without an action of its own.`, action, `The operation needs ${needed}; name that.`);
  } else if (stands.length === 0) {
    report.problem('DD-ACCESS-007', at, `has the action ${report.show(action)}, which ECR does not have.`, action,
      suggestion(action) ?? 'See the list of ECR actions in the Service Authorization Reference.');
  } else if (/^ecr:GetAuthorizationToken$/i.test(action) && element === 'Action') {
    report.problem('DD-ACCESS-008', at, 'names ecr:GetAuthorizationToken, which has no effect in a repository policy.', action,
      'Give it by an IAM policy, on the resource "*".');
  } else if (!stands.some(isRepositoryAction) && element === 'Action') {
    report.warning('DD-ACCESS-104', at, `has the action ${action}, which belongs to the registry and has no effect on a repository.`, action,
      'Use an IAM policy or the registry policy.');
  }
}

function suggestion(action: string): string | undefined {
  const meant = nearestAction(action);
  return meant === undefined ? undefined : `Did you mean ${meant}?`;
}
