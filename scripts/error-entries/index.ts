import { ACCESS_ENTRIES } from './access';
import { ACCOUNT_ENTRIES } from './account';
import { ASSEMBLY_ENTRIES } from './assembly';
import { COPY_ENTRIES } from './copy';
import { HANDLER_ENTRIES, REPOSITORY_ENTRIES } from './deployment';
import { ErrorEntry } from './entry';
import { IAM_ENTRIES } from './iam';
import { IMAGE_COPY_ENTRIES } from './image-copy';
import { IMAGE_ENTRIES } from './images';
import { CLI_ENTRIES, EMULATOR_ENTRIES, REHEARSAL_ENTRIES } from './laptop';
import { GATE_ENTRIES, INVENTORY_ENTRIES, LIFECYCLE_ENTRIES, RULE_ENTRIES } from './lifecycle';
import { PREVIEW_ENTRIES } from './preview';
import { REPORT_ENTRIES } from './report';
import { RETENTION_ENTRIES } from './retention';
import { REVIEW_CHANGE_ENTRIES } from './review-changes';
import { IN_USE_ENTRIES, SURVEY_ENTRIES } from './survey';

export type { ErrorEntry } from './entry';

export const ERROR_ENTRIES: Readonly<Record<string, ErrorEntry>> = {
  ...LIFECYCLE_ENTRIES,
  ...RULE_ENTRIES,
  ...INVENTORY_ENTRIES,
  ...GATE_ENTRIES,
  ...ACCESS_ENTRIES,
  ...REPOSITORY_ENTRIES,
  ...HANDLER_ENTRIES,
  ...IMAGE_ENTRIES,
  ...IMAGE_COPY_ENTRIES,
  ...ASSEMBLY_ENTRIES,
  ...PREVIEW_ENTRIES,
  ...REHEARSAL_ENTRIES,
  ...EMULATOR_ENTRIES,
  ...IAM_ENTRIES,
  ...ACCOUNT_ENTRIES,
  ...RETENTION_ENTRIES,
  ...REVIEW_CHANGE_ENTRIES,
  ...CLI_ENTRIES,
  ...COPY_ENTRIES,
  ...SURVEY_ENTRIES,
  ...IN_USE_ENTRIES,
  ...REPORT_ENTRIES,
};
