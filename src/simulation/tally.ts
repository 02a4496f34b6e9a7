/** How much of the simulated fraud each campaign made up, beside what the campaign table says. */
import { type LabelledTransaction } from '../domain/labelled-transaction.ts';
import { CAMPAIGN_NAMES, CAMPAIGNS, type CampaignName } from './campaigns.ts';

export interface CampaignCount {
  readonly campaign: CampaignName;
  readonly payments: number;
  /** Of all frauds counted; 0 when there are none. */
  readonly share: number;
  readonly tableShare: number;
}

export interface CampaignTally {
  add(payment: LabelledTransaction): void;
  payments(): number;
  frauds(): number;
  campaigns(): readonly CampaignCount[];
}

export function createCampaignTally(): CampaignTally {
  const counts = new Map<string, number>(CAMPAIGN_NAMES.map((name) => [name, 0]));
  let payments = 0;
  let frauds = 0;
  return {
    add({ label }) {
      payments++;
      if (label?.isFraud !== true) return;
      frauds++;
      if (label.campaign !== undefined) counts.set(label.campaign, (counts.get(label.campaign) ?? 0) + 1);
    },
    payments: () => payments,
    frauds: () => frauds,
    campaigns: () =>
      CAMPAIGN_NAMES.map((campaign) => ({
        campaign,
        payments: counts.get(campaign)!,
        share: frauds === 0 ? 0 : counts.get(campaign)! / frauds,
        tableShare: CAMPAIGNS[campaign].share,
      })),
  };
}
