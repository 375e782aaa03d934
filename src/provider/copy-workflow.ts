import { aws_iam as iam, aws_lambda as lambda, aws_stepfunctions as sfn, Stack } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { FUNCTION_TIMEOUT_SECONDS } from '../resources';

/** Errors of the Lambda service itself, which pass. https://docs.aws.amazon.com/step-functions/latest/dg/bp-lambda-serviceexception.html */
const SERVICE_ERRORS = ['Lambda.ClientExecutionTimeoutException', 'Lambda.ServiceException', 'Lambda.AWSLambdaException', 'Lambda.SdkClientException', 'Lambda.TooManyRequestsException'];
/** The hour that CloudFormation waits, and what the last call may take to say that it is over. */
const EXECUTION_SECONDS = 3_600 + 600;

/**
 * Calls the function of images with what a copy has come to, again and again until it says that it is done: it has answered CloudFormation by then. The
 * function keeps the time itself; what fails here is told to it, so that CloudFormation gets an answer in any case.
 */
export function copyWorkflowDefinition(partition: string, functionArn: string): Record<string, unknown> {
  const call = {
    Type: 'Task',
    Resource: `arn:${partition}:states:::lambda:invoke`,
    Parameters: { 'FunctionName': functionArn, 'Payload.$': '$' },
  };
  const servicePasses = { ErrorEquals: SERVICE_ERRORS, IntervalSeconds: 2, BackoffRate: 2, MaxAttempts: 6 };
  return {
    Comment: 'cdk-drydock: copies of images that one invocation cannot finish',
    StartAt: 'Go on',
    TimeoutSeconds: EXECUTION_SECONDS,
    States: {
      'Go on': {
        ...call,
        TimeoutSeconds: FUNCTION_TIMEOUT_SECONDS + 30,
        ResultSelector: { 'Finished.$': '$.Payload.Finished', 'State.$': '$.Payload.State' },
        ResultPath: '$.Continuation',
        Retry: [servicePasses, { ErrorEquals: ['States.ALL'], IntervalSeconds: 5, BackoffRate: 2, MaxAttempts: 2 }],
        Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: '$.Failure', Next: 'Tell CloudFormation' }],
        Next: 'Finished?',
      },
      'Finished?': {
        Type: 'Choice',
        Choices: [{ Variable: '$.Continuation.Finished', BooleanEquals: true, Next: 'Answered' }],
        Default: 'Go on',
      },
      'Tell CloudFormation': {
        ...call,
        TimeoutSeconds: FUNCTION_TIMEOUT_SECONDS + 30,
        Retry: [servicePasses, { ErrorEquals: ['States.ALL'], IntervalSeconds: 5, BackoffRate: 2, MaxAttempts: 2 }],
        ResultPath: null,
        Next: 'Not copied',
      },
      'Not copied': { Type: 'Fail', Error: 'Drydock.NotCopied', Cause: 'See the stack events and the log of the function.' },
      'Answered': { Type: 'Succeed' },
    },
  };
}

/**
 * One stack's state machine for long copies. Nothing of an execution is logged: its input holds the address at which CloudFormation waits for the
 * answer.
 */
export class CopyWorkflow extends Construct {
  public readonly stateMachineArn: string;

  constructor(scope: Construct, id: string, handler: lambda.IFunction) {
    super(scope, id);
    const stack = Stack.of(this);
    const role = new iam.Role(this, 'Role', {
      assumedBy: new iam.ServicePrincipal('states.amazonaws.com'),
      description: 'Calls the function of images of cdk-drydock',
      inlinePolicies: {
        Call: new iam.PolicyDocument({ statements: [new iam.PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [handler.functionArn] })] }),
      },
    });
    this.stateMachineArn = new sfn.CfnStateMachine(this, 'Copies', {
      stateMachineType: 'STANDARD',
      roleArn: role.roleArn,
      definitionString: stack.toJsonString(copyWorkflowDefinition(stack.partition, handler.functionArn)),
    }).ref;
  }
}
