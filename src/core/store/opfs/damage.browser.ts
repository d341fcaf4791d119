import { testDamage } from './damage-contract.ts';

// `npm run test:long` tries them all.
testDamage(149);
