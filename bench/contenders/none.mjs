/** The page alone: every call goes to the network. */
const passes = { reaches: (reached, calls) => reached === calls, is: ({ byWorker }) => !byWorker };

export const none = {
  name: 'none',
  title: 'no worker',
  head: '',
  files: async () => ({}),
  ready: 'Promise.resolve()',
  repeated: passes,
  'never-seen': passes,
  identical: passes,
};
