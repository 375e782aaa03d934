export const storedRepositoryPolicy = (text: string): string => text;
