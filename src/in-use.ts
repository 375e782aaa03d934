import type { InUseSource } from './lifecycle/gate';

/**
 * Where a gate or a cleanup looks, while it deploys, for images that run at that moment in the account and Region of the stack. An image that is found there may
 * not expire, be archived or be deleted.
 *
 * Looking needs permissions on more than the repository, for lists that cannot be narrowed; they are granted only to stacks with a gate or a cleanup that looks.
 *
 * @example
 * const gate = PreviewGate.of({ inUse: InUse.ecsAndLambda() });
 */
export class InUse {
  /**
   * Running tasks, and the task definitions that services deploy. The function may then make `ecs:List*` and `ecs:Describe*` calls (six of them) on every
   * resource, because ECS has lists that take none.
   *
   * @see https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerservice.html
   */
  public static ecs(): InUse {
    return new InUse(['ecs']);
  }

  /**
   * Functions that were made from an image, and their published versions. The function may then call `lambda:ListFunctions`, and `lambda:GetFunction` on
   * every function of the account and Region, whose answer holds their environment variables too; they are not read, nor logged.
   *
   * @see https://docs.aws.amazon.com/lambda/latest/api/API_GetFunction.html
   */
  public static lambdaFunctions(): InUse {
    return new InUse(['lambda']);
  }

  /** Both. */
  public static ecsAndLambda(): InUse {
    return new InUse(['ecs', 'lambda']);
  }

  private constructor(private readonly sources: InUseSource[]) {}

  /**
   * The setting in the property of the custom resource.
   * @internal
   */
  public _render(): InUseSource[] {
    return [...this.sources];
  }
}
