/** The merchants of a simulation, found by category and country. */
import { exp } from '../stats/elementary.ts';
import { cumulative, deriveNormal, deriveUnit, pickIndex } from './derive.ts';
import { COUNTRIES, pickCountry } from './geography.ts';
import { CATEGORIES, type Category } from './vocabulary.ts';

export interface Merchant {
  readonly id: string;
  readonly category: Category;
  /** Where its shops are, as an index of COUNTRIES; a chain has them in every city. */
  readonly country: number;
  /** Its prices against the category's: 1 is usual. */
  readonly priceLevel: number;
}

export interface Merchants {
  /**
   * A merchant of the category, popular ones first for small `unit`; in that country when it has one, anywhere for
   * `country` undefined.
   */
  pick(category: Category, country: number | undefined, unit: number): Merchant;
  /** The least popular of them. */
  leastPopular(category: Category, country: number): readonly Merchant[];
}

/** How many merchants of each category there are, relative. */
const CATEGORY_TOTALS = cumulative([16, 10, 18, 14, 9, 6, 8, 6, 6, 7]);
const PRICE_SIGMA = 0.3;
const TRAIT = { category: 1, country: 2, price: 3 } as const;

function createMerchant(seed: number, index: number): Merchant {
  // The first of each kind are dealt round so that no category is empty.
  const category =
    index < CATEGORIES.length ? index : pickIndex(CATEGORY_TOTALS, deriveUnit(seed, index, TRAIT.category));
  return {
    id: `m${index}`,
    category: CATEGORIES[category]!,
    country: pickCountry(deriveUnit(seed, index, TRAIT.country)),
    priceLevel: exp(PRICE_SIGMA * deriveNormal(seed, index, TRAIT.price)),
  };
}

/** `count` merchants, at least one of each category; their memory is all that this keeps. */
export function createMerchants(seed: number, count: number): Merchants {
  const all = Array.from({ length: Math.max(count, CATEGORIES.length) }, (_, index) => createMerchant(seed, index));
  const anywhere = new Map(CATEGORIES.map((name) => [name, all.filter(({ category }) => category === name)]));
  const inCountry = new Map(
    CATEGORIES.map((name) => [
      name,
      COUNTRIES.map((_, code) => anywhere.get(name)!.filter(({ country }) => country === code)),
    ]),
  );

  function among(category: Category, country: number | undefined): readonly Merchant[] {
    const local = country === undefined ? [] : inCountry.get(category)![country]!;
    return local.length > 0 ? local : anywhere.get(category)!;
  }

  return {
    pick(category, country, unit) {
      const list = among(category, country);
      return list[Math.floor(unit * list.length)]!;
    },
    leastPopular(category, country) {
      const list = among(category, country);
      return list.slice(Math.floor(list.length / 2));
    },
  };
}
