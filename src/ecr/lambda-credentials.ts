/**
 * Stands in for '@aws-sdk/credential-provider-node' in the handler's bundle (scripts/bundle.js). A Lambda function has its credentials
 * in the environment; the SDK's default chain (SSO, STS, profiles, web identity) would be a third of the bundle.
 */
export function defaultProvider(): () => Promise<{ accessKeyId: string; secretAccessKey: string; sessionToken?: string }> {
  return async () => {
    const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_SESSION_TOKEN: sessionToken } = process.env;
    if (!accessKeyId || !secretAccessKey) {
      throw new Error('No AWS credentials in the environment of the function.');
    }
    return { accessKeyId, secretAccessKey, sessionToken };
  };
}
