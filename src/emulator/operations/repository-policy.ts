import { Operation } from './context';
export const setRepositoryPolicy: Operation<'SetRepositoryPolicy'> = () => ({});
export const getRepositoryPolicy: Operation<'GetRepositoryPolicy'> = () => ({});
export const deleteRepositoryPolicy: Operation<'DeleteRepositoryPolicy'> = () => ({});
