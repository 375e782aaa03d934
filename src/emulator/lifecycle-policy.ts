import { EcrError } from './ecr-error';
import { canonicalPolicyText } from '../lifecycle/canonical';
import { PolicyDocument } from '../lifecycle/model';
import { awsErrorMessage, validatePolicyText } from '../lifecycle/validate';

/** The policy that a text holds, or ECR's refusal. */
export function readLifecyclePolicy(text: string): PolicyDocument {
  const result = validatePolicyText(text);
  if (!result.policy) {
    throw new EcrError('InvalidParameterException', awsErrorMessage(result)!);
  }
  return result.policy;
}

/** The text as ECR stores it. */
export const storedLifecyclePolicy = (text: string): string => canonicalPolicyText(readLifecyclePolicy(text));
