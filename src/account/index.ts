export { Account } from './account';
export type { AccountOptions, AccountPlace } from './account';
export { ACCOUNT_CODES } from './codes';
