/**
 * When something that is looked up at deployment is looked up again. CloudFormation calls for it only when a property has changed; this is the property that
 * changes for no other reason.
 *
 * @example
 * declare const repository: ecr.IRepository;
 * new ImageDigest(this, 'Live', {
 *   repository,
 *   imageTag: 'live',
 *   refresh: Refresh.onChange('4f9d2c1'), // the commit that is released
 * });
 */
export class Refresh {
  /**
   * Only when a property of the construct changes, or this value: a release number, the hash of a commit. The same app gives the same template.
   *
   * @param value whatever is another one when it is time to look again
   */
  public static onChange(value?: string): Refresh {
    return new Refresh(value);
  }

  /**
   * With every deployment. The template differs from one synthesis to the next, so `cdk diff` always shows this resource as changed, and a test that compares
   * whole templates never passes.
   */
  public static eachDeployment(): Refresh {
    return new Refresh(new Date().toISOString());
  }

  private constructor(private readonly value?: string) {}

  /**
   * The property of the custom resource.
   * @internal
   */
  public _render(): string | undefined {
    return this.value;
  }
}
