import { compareStage } from '../../tools/review/compare-stage.ts';
import type { Section } from '../../tools/review/finding.ts';
import type { Resource } from '../../tools/review/template.ts';
import { staged } from './template-samples.ts';

/** Tasks that have containers, behind a load balancer. */
function containers(): Record<string, Resource & { Properties: Record<string, unknown> }> {
  return {
    Balancer: { Type: 'AWS::ElasticLoadBalancingV2::LoadBalancer', Properties: { Scheme: 'internal' } },
    Target: {
      Type: 'AWS::ApplicationAutoScaling::ScalableTarget',
      Properties: { MinCapacity: 2, MaxCapacity: 10 },
    },
    Task: { Type: 'AWS::ECS::TaskDefinition', Properties: { Memory: '512', ...definitions({}) } },
    Service: { Type: 'AWS::ECS::Service', Properties: {} },
    Origin: { Type: 'AWS::CloudFront::VpcOrigin', Properties: { VpcOriginEndpointConfig: { HTTPPort: 80 } } },
  };
}

function definitions({ issuer = 'https://issuer.example', ...others }: Record<string, unknown>): {
  readonly ContainerDefinitions: unknown;
} {
  const environment = [{ Name: 'JWT_ISSUER', Value: issuer }];
  return {
    ContainerDefinitions: [
      { Name: 'Stream', User: 'node', ReadonlyRootFilesystem: true, Environment: environment, ...others },
    ],
  };
}

/** What is told of a change of the tasks. */
function told(section: Section, alter: (resources: ReturnType<typeof containers>) => void): string[] {
  const after = containers();
  alter(after);
  const findings = compareStage(staged({ Resources: containers() }), staged({ Resources: after }));
  return findings.filter((finding) => finding.section === section).map(({ text }) => text);
}

const everybody = { CidrIp: '0.0.0.0/0', IpProtocol: 'tcp' };

describe('a review of tasks that have containers', () => {
  it('tells of the bill', () => {
    const texts = told('cost', ({ Target, Task }) => {
      Target!.Properties = { MinCapacity: 4, MaxCapacity: 20 };
      Task!.Properties['Memory'] = '1024';
    });
    expect(texts).toEqual([
      expect.stringContaining('`MaxCapacity` `10` → `20` (+100 %): the most tasks'),
      expect.stringContaining('`MinCapacity` `2` → `4` (+100 %): tasks that are paid for'),
      expect.stringContaining('`Memory` `512` → `1024` (+100 %): the price of an hour'),
    ]);
  });

  it('knows what of them has a price', () => {
    const texts = compareStage(staged({ Resources: {} }), staged({ Resources: containers() }))
      .filter(({ section }) => section === 'cost')
      .map(({ text }) => text);
    expect(texts).toEqual([
      expect.stringContaining('`Balancer`'),
      expect.stringContaining('`Service`** (AWS::ECS::Service) is new, billed by processors, memory'),
    ]);
  });

  it.each<[string, Parameters<typeof told>[1]]>([
    ['everybody can find it', ({ Balancer }) => (Balancer!.Properties['Scheme'] = 'internet-facing')],
    [
      'everybody can reach it',
      (resources) => {
        resources['Door'] = { Type: 'AWS::EC2::SecurityGroupIngress', Properties: everybody };
      },
    ],
    [
      'everybody can reach it',
      (resources) => {
        const Properties = { SecurityGroupIngress: [everybody] };
        resources['Group'] = { Type: 'AWS::EC2::SecurityGroup', Properties };
      },
    ],
    ['what the program may do', ({ Task }) => Object.assign(Task!.Properties, definitions({ User: 'root' }))],
    [
      'whose tokens are accepted',
      ({ Task }) => Object.assign(Task!.Properties, definitions({ issuer: 'https://evil.example' })),
    ],
    [
      'this guards the way in',
      ({ Origin }) => (Origin!.Properties['VpcOriginEndpointConfig'] = { HTTPPort: 81 }),
    ],
  ])('alarms where %s', (expected, alter) => {
    expect(told('security', alter)).toEqual([expect.stringContaining(expected)]);
  });

  it('does not where they may call others', () => {
    const texts = told('security', (resources) => {
      const Properties = { SecurityGroupEgress: [everybody] };
      resources['Group'] = { Type: 'AWS::EC2::SecurityGroup', Properties };
    });
    expect(texts).toEqual([]);
  });
});
