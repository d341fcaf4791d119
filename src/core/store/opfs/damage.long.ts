import { testDamage } from './damage-contract.ts';

testDamage(1);
