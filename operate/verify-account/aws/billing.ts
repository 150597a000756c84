import { CostExplorerClient, GetCostAndUsageCommand } from '@aws-sdk/client-cost-explorer';
import { paginateGetProducts, PricingClient } from '@aws-sdk/client-pricing';
import type { Aws, BilledUsage, ListedPrice } from './aws.ts';

/** The price list and the bills have few addresses; this one knows of all regions. */
const region = 'us-east-1';
const dayMs = 86_400_000;

interface Product {
  readonly product?: { readonly attributes?: Readonly<Record<string, string>> };
  readonly terms?: {
    readonly OnDemand?: Readonly<
      Record<string, { readonly priceDimensions?: Readonly<Record<string, Dimension>> }>
    >;
  };
}

interface Dimension {
  readonly unit?: string;
  readonly beginRange?: string;
  readonly pricePerUnit?: { readonly USD?: string };
}

function priceOf(text: string): ListedPrice {
  const { product, terms } = JSON.parse(text) as Product;
  const dimensions = Object.values(terms?.OnDemand ?? {}).flatMap(({ priceDimensions = {} }) =>
    Object.values(priceDimensions),
  );
  const tiers = dimensions.map(({ unit = '', beginRange, pricePerUnit }) => {
    return { from: Number(beginRange ?? 0), dollars: Number(pricePerUnit?.USD ?? NaN), unit };
  });
  return {
    usageType: product?.attributes?.['usagetype'] ?? '',
    tiers: tiers.toSorted((a, b) => a.from - b.from),
  };
}

/** The part of {@link Aws} that is about money. */
export function openBilling(): Pick<Aws, 'listedPrices' | 'billOf'> {
  const pricing = new PricingClient({ region });
  const costs = new CostExplorerClient({ region });
  return {
    listedPrices: async (service, usageType) => {
      const found: ListedPrice[] = [];
      const pages = paginateGetProducts(
        { client: pricing },
        {
          ServiceCode: service,
          FormatVersion: 'aws_v1',
          Filters: [{ Type: 'TERM_MATCH', Field: 'usagetype', Value: usageType }],
        },
      );
      for await (const { PriceList: products = [] } of pages) {
        found.push(...products.map((product: unknown) => priceOf(String(product))));
      }
      return found;
    },
    billOf: async (day) => {
      const next = new Date(Date.parse(`${day}T00:00:00Z`) + dayMs).toISOString().slice(0, 10);
      const found: BilledUsage[] = [];
      let page: string | undefined;
      do {
        const answer = await costs.send(
          new GetCostAndUsageCommand({
            TimePeriod: { Start: day, End: next },
            Granularity: 'DAILY',
            Metrics: ['UnblendedCost', 'UsageQuantity'],
            GroupBy: [{ Type: 'DIMENSION', Key: 'USAGE_TYPE' }],
            ...(page !== undefined && { NextPageToken: page }),
          }),
        );
        for (const { Keys: [usageType = ''] = [], Metrics: metrics = {} } of answer.ResultsByTime?.[0]
          ?.Groups ?? []) {
          found.push({
            usageType,
            quantity: Number(metrics['UsageQuantity']?.Amount ?? 0),
            dollars: Number(metrics['UnblendedCost']?.Amount ?? 0),
          });
        }
        page = answer.NextPageToken;
      } while (page !== undefined);
      return found;
    },
  };
}
