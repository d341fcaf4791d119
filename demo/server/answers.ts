/**
 * What the simulated provider says. The same prompt and model always get the same text, and different ones differ, so
 * that a wrong answer from a cache would be seen.
 */
export function answerTo(prompt: string, model: string): string {
  const asked = prompt.trim().toLowerCase();
  const prepared = preparedAnswers.find(({ about }) => about.every((word) => asked.includes(word)));
  const choose = chooser(`${model}\n${prompt}`);
  return prepared ? choose(prepared.texts) : `${improvise(asked, choose)}\n\n${choose(closings)}`;
}

const preparedAnswers: readonly { readonly about: readonly string[]; readonly texts: readonly string[] }[] = [
  {
    about: ['sea', 'blue'],
    texts: [
      'Water is very slightly blue by itself. It swallows red light first, and after a few metres most of what is left to come back up to you is blue.\n\nThe sky helps: a calm surface mirrors it. That is why the same bay looks steel grey under clouds and nearly ink at noon. Near the shore, sand and tiny plants add their own yellow and green, and the sea turns turquoise.',
      'Mostly because of what water takes away. Sunlight holds every colour, and water absorbs the red end of it far sooner than the blue end. A glass is too thin to show it; ten metres are plenty.\n\nReflection adds the rest. Look straight down from a boat and you see the water’s own colour. Look towards the horizon and you see more of the sky.',
    ],
  },
  {
    about: ['service worker'],
    texts: [
      'Imagine a very polite doorkeeper who lives in your browser and works for one website.\n\nEvery time the page wants something from outside, it has to go past the doorkeeper. Most days the answer is “go ahead”. But the doorkeeper has a good memory and a small cupboard. If somebody asks for a thing that was fetched before, it comes straight out of the cupboard: quicker, and even when the street outside is closed.\n\nThe doorkeeper naps a lot. The moment somebody knocks, they are awake again.',
      'Think of a school library with a helper at the desk.\n\nWithout the helper you would walk to the big library in town for each question. The helper says: “Wait, someone asked me that this morning”, and hands you the page at once. If it is a new question, the helper goes to town, brings the page back, and keeps a copy.\n\nThat helper is a service worker: a small program between a web page and the rest of the internet.',
    ],
  },
  {
    about: ['poem'],
    texts: [
      'You asked me once, I went to look,\nbeyond the hill, across the brook.\nYou asked again; I did not roam:\nthe words had followed me back home.\n\nAnd every time you ask once more\nthey wait for you behind the door,\nno older than the day they came,\nthe question and the words the same.',
      'The first time was a winding road,\na lantern and a heavy load.\nThe second time I only smiled\nand read the line that I had filed.\n\nFor what was said and rightly kept\nneed not be climbed for, step by step.\nA chorus is a thing you know:\nyou sing it, and the verses go.',
    ],
  },
  {
    about: ['rainy'],
    texts: [
      '1. Bake something that takes all afternoon. Bread is best: most of the work is waiting, and the kitchen ends up warm.\n\n2. Draw a map of your street from memory. Then put on a coat, walk it once, and correct the map. What you left out is the interesting part.\n\n3. Ring someone you have not spoken to this year. Rain is the perfect excuse, and nobody has to go anywhere.',
      '1. Take everything off one shelf. Put back only what you would carry up the stairs again.\n\n2. Learn one song well enough to hum it without the recording. By evening the rain will have become its drummer.\n\n3. Cook with a rule: only what is already in the house. The odd dinners are the ones people remember.',
    ],
  },
  {
    about: ['cache', 'sentence'],
    texts: [
      'A cache is a place close by where you keep what was expensive to get, so that the second time costs almost nothing.',
      'A cache is a good memory with a return policy: it keeps an answer within reach for as long as the answer is still right.',
    ],
  },
];

type Choose = (options: readonly string[]) => string;

function improvise(asked: string, choose: Choose): string {
  const topic = topicOf(asked);
  const fill = (options: readonly string[]) => choose(options).replaceAll('TOPIC', topic);
  if (/\b(ideas?|list|tips?|ways|steps|reasons)\b/.test(asked)) {
    return [fill(listOpenings), ...[1, 2, 3].map((number) => `${number}. ${fill(listItems)}`)].join('\n\n');
  }
  if (/\b(briefly|short|sentence|summar)/.test(asked)) return fill(shortAnswers);
  return [fill(openings), `${fill(middles)} ${fill(middles)}`, fill(examples)].join('\n\n');
}

const openings = [
  'The short version first: TOPIC is less about rules than about habits, and most of those can be seen if you slow down and look.',
  'There are two ways to look at TOPIC. From a distance it seems to be one thing. From close up it is a handful of small things that happen to agree.',
  'A good place to start with TOPIC is the part everybody thinks they know already, because that is where the surprises are.',
  'Nobody meets TOPIC for the first time in a book. You notice it in passing, and the explanation comes later.',
];

const middles = [
  'What changes it most is time: the first hour matters more than the following ten.',
  'Scale is easy to get wrong here. Twice as much is rarely twice as good.',
  'Most disagreements about it are really disagreements about where to begin counting.',
  'Try taking one part away. If nothing changes, it was decoration; if everything does, you have found the centre.',
  'It helps to ask who pays for it, and when. The answer is seldom the person who decides.',
  'The exceptions are not noise. They show which of the usual conditions is doing the work.',
  'People who do this every day talk about it in verbs, and people who write about it use nouns.',
];

const examples = [
  'For an example, take the smallest case of TOPIC that still deserves the name, and follow it from morning to evening. Three things will happen that no summary mentions.',
  'If you want to test this, write down what you expect of TOPIC before you look. The gap between the note and the day is the lesson.',
  'So, in practice: begin with one small piece of TOPIC, keep a record, and change one thing at a time.',
];

const listOpenings = [
  'Three to begin with, for TOPIC, from the easiest to the boldest:',
  'Here is where I would start with TOPIC:',
  'In no strict order, and with TOPIC in mind:',
];

const listItems = [
  'Do the smallest version first, today, and badly. It will tell you what the good version needs.',
  'Ask the person who has to live with the result. They usually know already.',
  'Write down the one thing you would keep if you had to drop all the others.',
  'Set a limit before you start: an hour, a page, a single try.',
  'Look at what you did last time, and repeat only the part that surprised you.',
  'Swap the first and the last step. It is often better, and never dull.',
  'Leave it alone overnight. Half of the problems are gone by breakfast.',
];

const shortAnswers = [
  'In one line: TOPIC is what remains once everything that can be looked up has been looked up.',
  'Put shortly, TOPIC is a trade: a little care now for a lot of quiet later.',
  'TOPIC, in a breath: simple parts, patient order, and knowing when to stop.',
];

const closings = [
  'Ask me the same again and I will say the same again.',
  'That is the gist of it.',
  'There is more to say, but this is the part that carries the rest.',
  'If you change one word of the question, you will get another answer.',
];

const plainWords = new Set(
  `a about after all also am an and any are as at be because been but by can could did do does for from give had has have
  how i if in into is it its just like list make me more most my name of on one or our out please short should so some
  tell than that the their them then there these they this three tips to two up us was we were what when where which who
  why will with would write you your ideas idea ways reasons steps briefly sentence explain describe summarise summarize`.split(
    /\s+/,
  ),
);

/** The prompt's last few words of substance, as they stand. */
function topicOf(asked: string): string {
  const words = asked.match(/[\p{L}\p{N}][\p{L}\p{N}'’-]*/gu) ?? [];
  const content = words.filter((word) => !plainWords.has(word));
  return content.slice(-3).join(' ') || 'a question like this';
}

/** Picks from lists without repeating itself, led by the seed alone. */
function chooser(seed: string): Choose {
  let state = fnv1a(seed);
  const taken = new Set<string>();
  return (options) => {
    const left = options.filter((option) => !taken.has(option));
    state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) >>> 0;
    const chosen = left[state % left.length] ?? '';
    taken.add(chosen);
    return chosen;
  };
}

/** http://www.isthe.com/chongo/tech/comp/fnv/ */
function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash;
}
