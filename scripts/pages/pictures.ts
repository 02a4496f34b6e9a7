/** Pictures for the README: plots of a model card, drawn anew from a small training that gives the same bits everywhere. */
import { simulationOfSize } from '../../src/simulation/scale.ts';
import { createSimulation } from '../../src/simulation/simulation.ts';
import { type ModelCard } from '../../src/training/model-card/card.ts';
import { costFigure, precisionRecallFigure, reliabilityFigure, scoreFigure } from '../../src/training/model-card/figures.ts'; // prettier-ignore
import { STYLE } from '../../src/training/model-card/style.ts';
import { TrainingPipeline } from '../../src/usecases/training-pipeline.ts';

const PAYMENTS = 20_000;

let card: Promise<ModelCard> | undefined;

/** The card of the pictures' training, made once. */
function cardOf(): Promise<ModelCard> {
  const payments = createSimulation(simulationOfSize(PAYMENTS, 1));
  const pipeline = new TrainingPipeline({ learners: ['symmetric'], champion: 'symmetric', replicates: 0 });
  return (card ??= pipeline.fit(payments).then((trained) => trained.card));
}

/** The drawing of a figure by itself, with the colours of the card, light and dark. */
function standalone(figure: string): string {
  const [, head, body] = /<svg viewBox="0 0 520 330"([^>]*)>([\s\S]*?)<\/svg>/.exec(figure)!; // as figure() writes it
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 520 330" width="520" height="330"${head}>
<style>${STYLE}</style><rect width="520" height="330" fill="var(--card)"/>${body}</svg>
`;
}

const picture = (draw: (card: ModelCard) => string) => async (): Promise<string> => standalone(draw(await cardOf()));

export const PICTURES = {
  'docs/pictures/precision-and-recall.svg': picture(precisionRecallFigure),
  'docs/pictures/reliability.svg': picture(reliabilityFigure),
  'docs/pictures/scores.svg': picture(scoreFigure),
  'docs/pictures/loss-by-threshold.svg': picture(costFigure),
} as const;
