/** The repository that an input is about, by its name or its ARN. */
export function repositoryNameIn(input: Readonly<Record<string, unknown>>): string | undefined {
  const { repositoryName, repositoryNames, resourceArn } = input;
  if (typeof repositoryName === 'string') {
    return repositoryName;
  }
  if (typeof resourceArn === 'string') {
    return /:repository\/(.+)$/.exec(resourceArn)?.[1];
  }
  return Array.isArray(repositoryNames) && repositoryNames.length === 1 ? String(repositoryNames[0]) : undefined;
}
