import { act, read } from "./http";

export type Channel = "portal" | "email";
export type Notice = {
  notice_id: string;
  kind: string;
  pupil_id: string | null;
  at: string;
  seen_at: string | null;
  text: string;
  link: string | null;
};
export type Feed = { unread: number; notices: Notice[] };
export type Wish = { kind: string; channels: string[] };
export type Consent = { channel: string; address: string; at: string };
export type Wishes = { wishes: Wish[]; consents: Consent[] };
export type Delivery = {
  delivery_id: string;
  notice_id: string | null;
  kind: string;
  channel: string;
  state: string;
  at: string;
  error: string | null;
};

export type Threshold = { pupil_id: string; below: string; at: string };

export const feed = () => read<Feed>("notify", "/feed");
export const wishes = () => read<Wishes>("notify", "/wishes");
export const deliveries = () => read<{ deliveries: Delivery[] }>("notify", "/deliveries");
export const seen = (ids: string[]) => act({ method: "POST", service: "notify", path: "/feed/seen", body: { notice_ids: ids } });
export const setWishes = (body: Wish[]) => act({ method: "PUT", service: "notify", path: "/wishes", body: { wishes: body } });
export const consent = (channel: Channel, address: string) =>
  act({ method: "POST", service: "notify", path: "/consents", body: { channel, address } });
export const withdraw = (channel: string) => act({ method: "DELETE", service: "notify", path: `/consents/${channel}` });
export const thresholds = () => read<{ thresholds: Threshold[] }>("notify", "/thresholds");
export const setThreshold = (pupil: string, below: string) =>
  act({ method: "PUT", service: "notify", path: "/thresholds", body: { pupil_id: pupil, below } });

export type FeedAddress = { feed_id: string; shared_at: string };
export const feeds = () => read<{ feeds: FeedAddress[] }>("notify", "/feeds");
export const shareFeed = (feed: string, secret: string) => act({ method: "PUT", service: "notify", path: `/feeds/${feed}`, body: { secret } });
export const withdrawFeed = (feed: string) => act({ method: "DELETE", service: "notify", path: `/feeds/${feed}` });
