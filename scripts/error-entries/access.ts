import { EntriesOf } from './entry';
import type { AccessCode } from '../../src/access/codes';

export const ACCESS_ENTRIES: EntriesOf<AccessCode> = {
  'DD-ACCESS-001': {
    when: 'A policy text is not JSON, or not a document with a list `Statement` of objects.',
    fix: 'Give `{"Version": "2012-10-17", "Statement": [...]}`.',
  },
  'DD-ACCESS-002': {
    when: '`Effect` is missing or is neither `Allow` nor `Deny`, in that spelling.',
    fix: 'Write one of the two.',
  },
  'DD-ACCESS-003': {
    when: 'A statement of a resource policy says whom it is about, and this one does not. Statements copied from an IAM policy lack it.',
    fix: 'Add a principal, for example `new iam.AccountPrincipal("123456789012")`.',
  },
  'DD-ACCESS-004': {
    when: 'The statement has neither `Action` nor `NotAction`, or an empty list.',
    fix: 'Name at least one action, for example `ecr:BatchGetImage`.',
  },
  'DD-ACCESS-005': {
    when: 'The repository that has the policy is the resource. ECR has refused `Resource` in the past, and needs it for nothing.',
    fix: 'Leave `Resource` out.',
  },
  'DD-ACCESS-006': {
    when: 'The action belongs to another service, or has no service at all.',
    fix: 'Write `ecr:` before it, or give it by an IAM policy.',
  },
  'DD-ACCESS-007': {
    when: 'No action of ECR has this name, or none matches the pattern. Most often a letter is wrong or an `s` too many.',
    fix: 'Take the name that the message suggests.',
  },
  'DD-ACCESS-008': {
    when: 'A login token is for a whole registry, so a repository cannot give it. The statement would be accepted and do nothing.',
    fix: 'Allow `ecr:GetAuthorizationToken` on `*` in an IAM policy of whoever pulls.',
  },
  'DD-ACCESS-009': {
    when: 'Two statements have one Sid. By its Sid a statement is known as ours when it is to be changed or removed.',
    fix: 'Give each statement its own Sid, or none: one is made.',
  },
  'DD-ACCESS-010': {
    when: 'A Sid is not text, is empty or has characters that IAM does not take.',
    fix: 'Use letters and digits, or leave the Sid out.',
  },
  'DD-ACCESS-011': {
    when: 'A principal is neither an account of twelve digits nor an ARN of IAM or STS, or has a wildcard in it, or is of an unknown kind.',
    fix: 'Write `123456789012`, `arn:aws:iam::123456789012:role/NAME` or a service such as `lambda.amazonaws.com`. A wildcard is possible in a condition on `aws:PrincipalArn`.',
  },
  'DD-ACCESS-012': {
    when: 'ECR stores 10,240 characters, counted after it has written the policy in its own way: with line breaks, blanks, and ARNs in place of account ids. Statements of others count too.',
    fix: 'Join statements, or name accounts or an organization (a condition on `aws:PrincipalOrgID`) instead of roles.',
  },
  'DD-ACCESS-013': {
    when: 'The statement denies `ecr:SetRepositoryPolicy` to everybody, the owner included, without a condition. ECR refuses such a policy unless it is forced, and afterwards only the root user could take it back.',
    fix: 'Leave the action out of the Deny, add a condition, or set `allowLockOut: true` if you mean it.',
  },
  'DD-ACCESS-014': {
    when: 'A statement has an element that IAM does not know, most often misspelled (`Principals`, `Actions`).',
    fix: 'Take the name that the message suggests, or remove the element.',
  },
  'DD-ACCESS-015': {
    when: 'The repository policy has a statement with the Sid of ours that this resource has not put there, and it says something else. It is another stack\'s, or was written by hand. Nothing was changed.',
    fix: 'Choose another Sid. If the other statement is not needed any more, remove it and deploy again.',
  },
  'DD-ACCESS-016': {
    when: 'A statement of somebody else names `AROA...` or `AIDA...`: IAM shows this id in place of a role or user that was deleted. ECR refuses a document with it, so ours cannot be written without dropping theirs. Nothing was changed.',
    fix: 'The owner of that statement removes the principal, or the statement. Then deploy again.',
  },
  'DD-ACCESS-017': {
    when: 'A statement has `Principal` and `NotPrincipal`, or `Action` and `NotAction`.',
    fix: 'Keep one of them.',
  },
  'DD-ACCESS-018': {
    when: 'ECR lets several statements share a Sid. Those with the Sid that is to be removed differ, and nobody can tell which of them is ours. Nothing was changed.',
    fix: 'Give the statement that is somebody else\'s another Sid, or remove ours by hand.',
  },
  'DD-ACCESS-019': {
    when: 'The policy has no `Version` or `2008-10-17`, in which `${...}` is plain text. Ours needs `2012-10-17`, in which it is a variable; that would change what a statement of somebody else means. Nothing was changed.',
    fix: 'Write ours without policy variables, or let the owner of the other statement move to `2012-10-17`.',
  },
  'DD-ACCESS-020': {
    when: 'By the end of synth the `RepositoryPolicy` has no statements.',
    fix: 'Give it some by `statements` or `addStatements`, or leave the construct out.',
  },
  'DD-ACCESS-021': {
    when: 'A statement that is to be merged has no Sid. The constructs give every statement one; only a hand-written resource lacks it.',
    fix: 'Give it a Sid.',
  },
  'DD-ACCESS-022': {
    when: 'A condition is not an object of operators, an operator is not one of IAM\'s, or what stands below it is no object of keys and values.',
    fix: 'Write `"Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-..."}}`.',
  },
  'DD-ACCESS-101': {
    when: '`Principal: "*"` without a condition allows everybody with an AWS account, for the actions named.',
    fix: 'Name accounts, or add a condition such as `aws:PrincipalOrgID`. If it is meant, acknowledge the warning by its id, `cdk-drydock:DD-ACCESS-101`.',
  },
  'DD-ACCESS-102': {
    when: 'A service acts for any of its customers unless the policy says for which (the confused deputy).',
    fix: 'Add a condition on `aws:SourceAccount` or `aws:SourceArn`.',
  },
  'DD-ACCESS-103': {
    when: '`Allow` with `NotPrincipal` allows everybody but the named, which includes the public.',
    fix: 'Name who is allowed.',
  },
  'DD-ACCESS-104': {
    when: 'The action belongs to the registry, not to a repository, and does nothing here.',
    fix: 'Give it by an IAM policy or by the registry policy.',
  },
  'DD-ACCESS-105': {
    when: 'A Deny that covers `ecr:SetRepositoryPolicy` may reach the owner of the repository, depending on conditions that are not known here. ECR then refuses the policy.',
    fix: 'Leave the action out of the Deny, except the owner\'s account (`aws:PrincipalAccount`), or set `allowLockOut: true`.',
  },
};
