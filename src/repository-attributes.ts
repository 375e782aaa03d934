/** Attributes of a repository that exists already. */
export interface RepositoryAttributes {
  /**
   * The ARN of the repository.
   *
   * @default - made from the name, in the account and region of the stack
   */
  readonly repositoryArn?: string;

  /**
   * The name of the repository.
   *
   * @default - taken from the ARN
   */
  readonly repositoryName?: string;
}
