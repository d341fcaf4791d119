import type { Refrain } from '../src/page/refrain.ts';
import {
  appendText,
  showAnswered,
  showAnswerSource,
  showAsking,
  showFailure,
  showFirstByte,
  showSaved,
  showStopped,
} from './answer-view.ts';
import { type Answered, ask } from './ask.ts';
import { type Asking, readForm, showBusy, startForm } from './ask-form.ts';
import { enableCassettes } from './cassettes.ts';
import { logDecision } from './decisions-log.ts';
import { element } from './element.ts';
import { enableEntryButtons, rememberQuestion, showEntries } from './entries-list.ts';
import { installedRefrain, onEveryEvent } from './installed-refrain.ts';
import { showInstalledTag } from './installed-tag.ts';
import { showKey, showNoKey } from './key-explanation.ts';
import { showLatency } from './latency-chart.ts';
import { LatencyLog } from './latency-log.ts';
import { ModelCatalog } from './model-catalog.ts';
import { suggestNextStep } from './next-step.ts';
import { ownProvider, showHint, showNoSimulation } from './own-provider.ts';
import { showNoCache, showReady } from './readiness.ts';
import { countAsked, showStats, showUpstreamCount } from './totals.ts';

const log = new LatencyLog();
const catalog = new ModelCatalog();
let refrain: Refrain | undefined;
/** Does a simulated provider stand beside this page? The copy in the documentation has none. */
let isSimulated = true;
let running: AbortController | undefined;
/** What the last answer spared and how long it took: the event and the answer's end come in either order. */
let lastAnswer: { spared?: number; whole?: number } = {};

showInstalledTag();
showLatency(log);
showNoKey('Ask something first.');
suggestNextStep('start');
startForm({ ask: answerForm, stop: () => running?.abort(), change: showChoices });
showChoices();
void showUpstreamCount().then((simulated) => {
  isSimulated = simulated;
  if (simulated) return;
  showNoSimulation();
  suggestNextStep('no-provider');
});
installedRefrain().then(connect, (reason) => {
  showNoCache(reason);
  showNoKey('There is no cache here, so there is no key.');
  suggestNextStep('no-cache');
});

async function answerForm(): Promise<void> {
  const asking = readForm();
  if (!asking.question.prompt || running) return;
  if (!isSimulated && !ownProvider()) return suggestNextStep('no-provider');
  running = new AbortController();
  lastAnswer = {};
  showBusy(true);
  suggestNextStep('asking');
  countAsked();
  await showAsking();
  const listener = { onSource: showAnswerSource, onFirstByte: showFirstByte, onText: appendText };
  try {
    const answered = await ask(asking.provider, asking.question, asking.client, running.signal, listener);
    showOutcome(answered);
    void explainKey(asking, answered);
  } catch (error) {
    if (running.signal.aborted) showStopped();
    else showFailure(error);
    suggestNextStep(running.signal.aborted ? 'stopped' : 'failed');
  } finally {
    running = undefined;
    showBusy(false);
    void showUpstreamCount();
  }
}

function showOutcome(answered: Answered): void {
  const { source, firstByte, whole } = answered;
  showAnswered(answered);
  log.add(source, firstByte, whole);
  showLatency(log);
  suggestNextStep(!refrain ? 'no-cache' : source.bypassed ? 'bypassed' : source.tier);
  lastAnswer.whole = whole;
  showSpared();
}

/** Shows what the answer is kept under, and tells the list of entries which question that was. */
async function explainKey({ question }: Asking, { sent }: Answered): Promise<void> {
  if (!refrain) return;
  try {
    const explanation = await refrain.explain(sent.input, sent.init);
    showKey(explanation);
    if (explanation.key) rememberQuestion(explanation.key, question.prompt);
    refresh(refrain);
  } catch (error) {
    showNoKey(String(error));
  }
}

function showSpared(): void {
  const { spared, whole } = lastAnswer;
  if (spared !== undefined && whole !== undefined) showSaved(spared, whole);
}

function showChoices(): void {
  const { provider, question } = readForm();
  catalog.show(question.model);
  void showHint(refrain, provider.request(question));
  if (!ownProvider()) void provider.loadSdk();
}

function connect(installed: Refrain): void {
  refrain = installed;
  showReady();
  showChoices();
  refresh(installed);
  onEveryEvent(installed, (event) => {
    logDecision(event);
    if (event.type === 'entry-hit') lastAnswer.spared = event.saved.ms;
    showSpared();
    refresh(installed);
  });
  catalog.enable(installed, () => suggestNextStep('version-bumped'));
  enableEntryButtons(installed, () => suggestNextStep('purged'));
  enableForgetting(installed);
  enableCassettes(installed, () => suggestNextStep('cassette-loaded'));
}

function enableForgetting(installed: Refrain): void {
  const button = element('forget-memory', HTMLButtonElement);
  button.disabled = false;
  button.addEventListener('click', async () => {
    await installed.flush();
    await installed.forgetMemory();
    suggestNextStep('memory-dropped');
    refresh(installed);
  });
}

let refreshing: number | undefined;

/** Read-outs follow the events, at most a few times a second. */
function refresh(installed: Refrain): void {
  if (refreshing !== undefined) return;
  refreshing = window.setTimeout(() => {
    refreshing = undefined;
    // Without an answer the figures stay as they are.
    readOut(installed).catch(() => {});
  }, 150);
}

async function readOut(installed: Refrain): Promise<void> {
  const stats = await installed.stats();
  showStats(stats);
  await showEntries(installed, stats);
}
