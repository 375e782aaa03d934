import { stable } from './compare';
import { conditionTerms, ConditionTerm, isNegated } from './condition-terms';

/**
 * What a condition asks for, as a clause that follows "if": `the caller's organization is o-1 and the source address is within 10.0.0.0/8`. Nothing is
 * left out: an operator or key that has no words of its own is shown as it is written.
 */
export function conditionWords(condition: unknown): string {
  const terms = conditionTerms(condition);
  if (terms === undefined) {
    return `a condition holds that only the deployment knows: ${stable(condition)}`;
  }
  return terms.map(termWords).join(' and ');
}

/** @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html */
const SUBJECTS: Readonly<Record<string, string>> = {
  'aws:principalorgid': 'the caller\'s organization',
  'aws:principalorgpaths': 'the caller\'s place in the organization',
  'aws:principalaccount': 'the caller\'s account',
  'aws:principalarn': 'the caller',
  'aws:principaltype': 'the kind of caller',
  'aws:principalservicename': 'the calling service',
  'aws:principalisawsservice': 'the caller being an AWS service',
  'aws:userid': 'the caller\'s unique id',
  'aws:username': 'the user\'s name',
  'aws:sourcearn': 'the resource on whose behalf the service acts',
  'aws:sourceaccount': 'the account on whose behalf the service acts',
  'aws:sourceorgid': 'the organization on whose behalf the service acts',
  'aws:sourceorgpaths': 'the place in the organization on whose behalf the service acts',
  'aws:sourceip': 'the source address',
  'aws:vpcsourceip': 'the source address in the VPC',
  'aws:sourcevpc': 'the VPC that the request comes through',
  'aws:sourcevpce': 'the VPC endpoint that the request comes through',
  'aws:securetransport': 'the use of TLS',
  'aws:multifactorauthpresent': 'the use of multi-factor authentication',
  'aws:requestedregion': 'the Region of the request',
  'aws:currenttime': 'the time of the request',
  'aws:calledvia': 'the services that the call came through',
  'aws:viaawsservice': 'a call by an AWS service on the caller\'s behalf',
  'aws:useragent': 'the user agent',
};

function subjectOf(key: string): string {
  const tag = /^(aws:principaltag|aws:resourcetag|aws:requesttag|ecr:resourcetag)\/(.+)$/i.exec(key);
  if (tag !== null) {
    const whose = { 'aws:principaltag': 'the caller\'s tag', 'aws:requesttag': 'the requested tag' }[tag[1].toLowerCase()] ?? 'the repository\'s tag';
    return `${whose} ${tag[2]}`;
  }
  return SUBJECTS[key.toLowerCase()] ?? key;
}

/** Verb for one value, and for several. */
const VERBS: Readonly<Record<string, readonly [one: string, many: string]>> = {
  stringequals: ['is', 'is'],
  stringequalsignorecase: ['is, in any case of letters,', 'is, in any case of letters,'],
  stringnotequals: ['is not', 'is none of'],
  stringnotequalsignorecase: ['is not, in any case of letters,', 'is, in any case of letters, none of'],
  stringlike: ['is like', 'is like'],
  stringnotlike: ['is not like', 'is like none of'],
  arnequals: ['is', 'is'],
  arnlike: ['is like', 'is like'],
  arnnotequals: ['is not', 'is none of'],
  arnnotlike: ['is not like', 'is like none of'],
  numericequals: ['is', 'is'],
  numericnotequals: ['is not', 'is none of'],
  numericlessthan: ['is less than', 'is less than'],
  numericlessthanequals: ['is at most', 'is at most'],
  numericgreaterthan: ['is more than', 'is more than'],
  numericgreaterthanequals: ['is at least', 'is at least'],
  dateequals: ['is', 'is'],
  datenotequals: ['is not', 'is none of'],
  datelessthan: ['is before', 'is before'],
  datelessthanequals: ['is not after', 'is not after'],
  dategreaterthan: ['is after', 'is after'],
  dategreaterthanequals: ['is not before', 'is not before'],
  bool: ['is', 'is'],
  binaryequals: ['is', 'is'],
  ipaddress: ['is within', 'is within'],
  notipaddress: ['is outside of', 'is outside of all of'],
};

function termWords(term: ConditionTerm): string {
  const subject = subjectOf(term.key);
  if (term.base === 'null' && term.set === undefined && term.values.length === 1 && /^(?:true|false)$/i.test(term.values[0])) {
    return `${subject} is ${/^true$/i.test(term.values[0]) ? 'not given' : 'given'}`;
  }
  const verbs = VERBS[term.base];
  if (verbs === undefined || term.values.length === 0) {
    return `${term.operator} of ${term.key}: ${term.values.length === 0 ? 'no value' : term.values.join(', ')}`;
  }
  const many = term.values.length > 1;
  const values = term.values.map((value) => value === '' ? '""' : value);
  const list = !many ? values[0] : `${values.slice(0, -1).join(', ')} ${isNegated(term) ? 'and' : 'or'} ${values[values.length - 1]}`;
  const prefix = term.set === 'foranyvalue' ? 'at least one value of ' : term.set === 'forallvalues' ? 'every value of ' : '';
  const suffix = term.ifExists ? ', where that is known' : term.set === 'forallvalues' ? ', or there is none' : '';
  return `${prefix}${subject} ${verbs[many ? 1 : 0]} ${list}${suffix}`;
}
