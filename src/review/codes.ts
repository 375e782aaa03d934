import { PlanFinding } from '../report/plan';

/** What a preview can say besides what lifecycle policies and gates have codes for; 2xx are in review-codes.ts. */
export const PREVIEW_CODES = {
  'DD-REVIEW-001': 'The name of a repository is known only at deployment',
  'DD-REVIEW-002': 'A lifecycle policy is known only at deployment',
  'DD-REVIEW-003': 'The settings of a gate are known only at deployment',
  'DD-REVIEW-004': 'Whether a resource is there is known only at deployment',
  'DD-REVIEW-005': 'A repository is not in the inventory',
  'DD-REVIEW-006': 'A repository could not be read',
  'DD-REVIEW-007': 'A repository is in another account or Region than the stack',
  'DD-REVIEW-008': 'A repository does not exist, and the app does not make it',
  'DD-REVIEW-009': 'ECR and this library preview a policy differently',
  'DD-REVIEW-010': 'A gate asks what runs, and that was not asked here',
  'DD-REVIEW-011': 'An image that is in use would go',
  'DD-REVIEW-013': 'The repository has a lifecycle policy that somebody else put there',
  'DD-REVIEW-014': 'The lifecycle policy in force cannot be read',
  'DD-REVIEW-015': 'What a repository creation template is for',
  'DD-REVIEW-016': 'The app puts no lifecycle policy',
  'DD-REVIEW-017': 'CloudFormation could not be asked about a stack',
  'DD-REVIEW-018': 'The default of a parameter was taken',
  'DD-REVIEW-019': 'What came of the images that run',
  'DD-REVIEW-020': 'A list of images that run is empty',
} as const;

export type PreviewCode = keyof typeof PREVIEW_CODES;

/** A finding without its place. */
export function finding(code: string, severity: PlanFinding['severity'], message: string, rest: Omit<PlanFinding, 'code' | 'severity' | 'message'> = {}): PlanFinding {
  return { severity, code, message, ...rest };
}

/** A finding that leaves a question open. */
export function undetermined(code: PreviewCode, message: string, fix: string, rest: Partial<PlanFinding> = {}): PlanFinding {
  return { severity: 'error', code, message, fix, effect: 'undetermined', ...rest };
}
