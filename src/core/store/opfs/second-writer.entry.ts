import { takeOrders } from './second-writer.ts';

const channel = new BroadcastChannel(new URL(location.href).searchParams.get('channel') ?? '');
takeOrders(channel);
channel.postMessage({ done: 0, names: [] });
