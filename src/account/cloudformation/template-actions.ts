import { find } from './change-set-actions';
import { Input, validationError } from './input';
import { Front, stackOf } from './requests';
import { givenTemplate, templateOf } from './template-body';
import { Template } from '../../assembly/template';
import { QueryError, Xml } from '../../rehearsal/query-protocol';

export function getTemplate(front: Front, input: Input): Xml {
  return { TemplateBody: bodyOf(front, input), StagesAvailable: ['Original', 'Processed'] };
}

export function getTemplateSummary(front: Front, input: Input): Xml {
  const template = givenTemplate(input, front.readObject)?.template ?? templateOf(bodyOf(front, input));
  return summaryOf(template);
}

export function validateTemplate(front: Front, input: Input): Xml {
  const given = givenTemplate(input, front.readObject);
  if (given === undefined) {
    throw validationError('Either Template URL or Template Body must be specified.');
  }
  const { Parameters, Description, Capabilities, CapabilitiesReason } = summaryOf(given.template);
  return { Parameters, Description, Capabilities, CapabilitiesReason };
}

function bodyOf(front: Front, input: Input): string {
  if (input.has('ChangeSetName')) {
    return find(front, input).templateBody;
  }
  const stack = stackOf(front, input.required('StackName'));
  const body = front.records.notesOf(stack.stackId)?.templateBody;
  if (body === undefined) {
    throw new QueryError('ValidationError', `The template of the nested stack ${stack.stackName} is the object that its TemplateURL names; it is not kept besides.`);
  }
  return body === '' ? '{}' : body;
}

function summaryOf(template: Template): { readonly [element: string]: Xml } {
  const { Description, Metadata, AWSTemplateFormatVersion } = template as { Description?: string; Metadata?: unknown; AWSTemplateFormatVersion?: string };
  const types = [...new Set(Object.values(template.Resources).map(({ Type }) => Type))];
  const iam = types.filter((type) => type.startsWith('AWS::IAM::'));
  return {
    Parameters: Object.entries(template.Parameters ?? {}).map(([ParameterKey, declared]): Xml => {
      const { Default, NoEcho, Description: description } = declared as { Default?: unknown; NoEcho?: unknown; Description?: string };
      return {
        ParameterKey,
        DefaultValue: Default === undefined ? undefined : String(Default),
        ParameterType: declared.Type,
        NoEcho: String(String(NoEcho) === 'true'),
        Description: description,
        ParameterConstraints: {},
      };
    }),
    Description,
    ...iam.length === 0 ? {} : { Capabilities: ['CAPABILITY_NAMED_IAM'], CapabilitiesReason: `The following resource(s) require capabilities: [${iam.join(', ')}]` },
    ResourceTypes: types,
    Version: AWSTemplateFormatVersion,
    Metadata: Metadata === undefined ? undefined : JSON.stringify(Metadata),
    DeclaredTransforms: [],
  };
}
