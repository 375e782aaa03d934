import type { ECRClient } from '@aws-sdk/client-ecr';

/**
 * The registry's own time, from the `Date` header of its latest answer. Ages of images are judged by it: the clock of the machine that
 * asks may be wrong, and an emulated registry lives in a time of its own.
 */
export class RegistryClock {
  private latest: number | undefined;

  /** Milliseconds since 1970; undefined before the first answer. */
  public now(): number | undefined {
    return this.latest;
  }

  public observe(date: string | undefined): void {
    const time = date === undefined ? NaN : Date.parse(date);
    if (!Number.isNaN(time)) {
      this.latest = time;
    }
  }

  /** Sees every answer of a client, errors included: it sits below the deserializer, which throws on them. */
  public watch(client: ECRClient): void {
    client.middlewareStack.add((next) => async (args) => {
      const result = await next(args);
      const headers = (result.response as { headers?: Record<string, string> }).headers;
      this.observe(headers?.date);
      return result;
    }, { step: 'deserialize', priority: 'low', name: 'drydockRegistryClock' });
  }
}
