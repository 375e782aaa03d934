export * from './lifecycle-policy';
export * from './lifecycle-policy-preview';
export * from './lifecycle-rule';
export * from './preview-gate';
export * from './repository';
export * from './repository-policy';
export * from './repository-attributes';
export * from './retention';
